// The program's log: quiet by default, and always on stderr, because stdout is the Guest's console.

using System.Globalization;
using Lguest.Topology.Nodes.Actors;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Lguest.Host.Terminal;

/// <summary>Makes the log that a run of the program writes.</summary>
internal static class ProgramLog
{
    // There are no colours: the sink's own would come by way of .NET's console, which changes the terminal for them, NO_COLOR or not.
    private const string Line = "lguest {Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Warnings and errors, or with <paramref name="verbose"/> what the Launcher does as well.</summary>
    public static Logger Create(bool verbose) => Create(verbose, new StandardError());

    internal static Logger Create(bool verbose, ILogEventSink sink) => new LoggerConfiguration()
        .MinimumLevel.Is(verbose ? LogEventLevel.Debug : LogEventLevel.Warning)
        .Filter.ByExcluding(logged => !verbose && IsAboutConnections(logged))
        .WriteTo.Sink(sink)
        .CreateLogger();

    /// <summary>Whether remoting tells of one more try to reach a node, as it does twice a second, or that a connection closed while it was
    /// closing all of them. That a node is missing is said by the nodes, once.</summary>
    private static bool IsAboutConnections(LogEvent logged) =>
        logged.Level <= LogEventLevel.Warning
        && logged.Properties.TryGetValue(LogActor.Source, out var value)
        && value is ScalarValue { Value: string source }
        && (source.StartsWith("remoting", StringComparison.OrdinalIgnoreCase)
            || source.Contains("/system/endpointManager", StringComparison.Ordinal)
            || source.StartsWith("TcpServerHandler", StringComparison.Ordinal)
            || source.StartsWith("TcpClientHandler", StringComparison.Ordinal));

    /// <summary>The library's own sink goes through .NET's console, which would set the terminal up in its own way.</summary>
    private sealed class StandardError : ILogEventSink, IDisposable
    {
        private readonly Lock _lock = new();
        private readonly TextWriter _writer = StandardStreams.ErrorWriter();

        // Most runs have nothing to say, and reading the template takes longer than a small Guest boots.
        private readonly Lazy<MessageTemplateTextFormatter> _formatter = new(() => new(Line, CultureInfo.InvariantCulture));

        public void Emit(LogEvent logEvent)
        {
            using var text = new StringWriter();
            _formatter.Value.Format(logEvent, text);
            lock (_lock)
                _writer.Write(text.ToString().ReplaceLineEndings(StandardStreams.ErrorLineEnd));
        }

        public void Dispose() => _writer.Dispose();
    }
}
