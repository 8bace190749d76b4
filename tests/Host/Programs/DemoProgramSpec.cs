// The demonstration is the first thing that a newcomer runs, so it must work as a whole: two nodes, four Guests, packets between them all,
// power-off, table.

using System.Text;
using Lguest.Host.Programs;

namespace Lguest.Host.Tests.Programs;

public sealed class DemoProgramSpec
{
    [Fact]
    public void Four_guests_on_two_nodes_ping_each_other_read_their_disk_and_power_off()
    {
        using var console = new MemoryStream();
        var error = new StringWriter();

        DemoProgram.Run(console, error).ShouldBe(0, error.ToString());

        error.ToString().ShouldBeEmpty();
        string[] lines = Encoding.UTF8.GetString(console.ToArray()).Split('\n');
        foreach (string guest in (string[])["left-1", "left-2", "right-1", "right-2"])
        {
            lines.Count(line => line.StartsWith($"[{guest}] ping 10.0.0.", StringComparison.Ordinal)
                && line.Contains(" 10 received, 0% loss")).ShouldBe(3, $"{guest}\n{string.Join('\n', lines)}");
            lines.ShouldContain(line => line.StartsWith($"[{guest}]", StringComparison.Ordinal)
                && line.EndsWith("/dev/vda", StringComparison.Ordinal));
            lines.ShouldContain(line => line.StartsWith($"│ {guest}", StringComparison.Ordinal) && line.Contains("powered off"));
        }
    }
}
