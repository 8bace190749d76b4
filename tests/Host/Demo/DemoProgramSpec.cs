// The demonstration is the first thing that a newcomer runs, so it must work as a whole: boot, script, power-off, table.

using System.Text;
using Lguest.Host.Demo;

namespace Lguest.Host.Tests.Demo;

public sealed class DemoProgramSpec
{
    [Fact]
    public void The_embedded_Guest_runs_its_script_switches_off_and_a_table_tells_what_it_took()
    {
        using var console = new MemoryStream();
        var output = new StringWriter();
        var error = new StringWriter();

        DemoProgram.Run(console, output, error).ShouldBe(0, error.ToString());

        error.ToString().ShouldBeEmpty();
        var printed = Encoding.Latin1.GetString(console.ToArray());
        printed.ShouldContain("written by a process of its own");
        foreach (var row in new[] { "instructions", "hypercalls", "page faults", "interrupts", "MIPS" })
            output.ToString().ShouldContain(row);
    }
}
