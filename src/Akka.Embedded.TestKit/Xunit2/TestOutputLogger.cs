// Log lines in the output of the test they belong to.

using Akka.Actor;
using Akka.Event;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2.Internals;

public class TestOutputLogger : ReceiveActor
{
    public TestOutputLogger(ITestOutputHelper output)
    {
        Receive<LogEvent>(logEvent =>
        {
            try
            {
                output.WriteLine(logEvent.ToString());
            }
            catch (InvalidOperationException)
            {
                // The test has ended; xunit takes no more words for it.
                Context.Stop(Self);
            }
        });
        Receive<InitializeLogger>(initialize =>
        {
            initialize.LoggingBus.Subscribe(Self, typeof(LogEvent));
            Sender.Tell(new LoggerInitialized());
        });
    }
}
