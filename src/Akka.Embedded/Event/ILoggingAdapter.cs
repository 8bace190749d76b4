// Where actors log to. It hides the event stream behind the verbs of a logger.

namespace Akka.Event;

public interface ILoggingAdapter
{
    ILogMessageFormatter Formatter { get; }
    bool IsDebugEnabled { get; }
    bool IsInfoEnabled { get; }
    bool IsWarningEnabled { get; }
    bool IsErrorEnabled { get; }
    bool IsEnabled(LogLevel logLevel);
    void Log(LogLevel logLevel, Exception cause, LogMessage message);
    void Log(LogLevel logLevel, Exception cause, string format);
}
