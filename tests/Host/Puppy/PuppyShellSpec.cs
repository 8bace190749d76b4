// Puppy's shell as a user at its console meets it: what it says about itself, and that nothing which is typed or printed is cut without
// a word.

using System.Text.RegularExpressions;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Tests.Puppy;

public sealed partial class PuppyShellSpec
{
    private const int TerminalWidth = 80;

    [Fact]
    public void Help_names_every_program_and_fits_a_terminal()
    {
        using var machine = new PuppyMachine("script=ls /bin; help; echo the end of it; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        int start = machine.Output.IndexOf("ls [DIR]", StringComparison.Ordinal);
        string help = machine.Output[start..machine.Output.IndexOf("the end of it\n", StringComparison.Ordinal)];
        var programs = Program().Matches(machine.Output).Select(match => match.Groups[1].Value).Except(["sh"]).ToList();
        programs.Count.ShouldBeGreaterThan(15);
        foreach (string name in programs.Concat(["source", "wait"]))
            help.ShouldMatch($@"(?m)(^| ){name}( |$)");
        help.Split('\n').ShouldAllBe(line => line.Length < TerminalWidth);
        help.ShouldEndWith("\n");
    }

    [Theory]
    [InlineData("exit")]
    [InlineData("logout")]
    [InlineData("quit")]
    [InlineData("halt")]
    [InlineData("shutdown -h now")]
    public void Farewell_says_how_the_Guest_is_ended(string typed)
    {
        using var machine = new PuppyMachine("").Type($"{typed}\r").Type("poweroff\r");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        string word = typed.Split(' ')[0];
        machine.Output.ShouldContain($"\n{word}: this shell is the first process and stays; poweroff ends the Guest\npuppy# ");
    }

    [Fact]
    public void Script_as_long_as_a_command_line_is_run_to_its_end()
    {
        string script = string.Concat(Enumerable.Range(0, 80).Select(number => $"echo line {number:d3} of many; "));
        using var machine = new PuppyMachine($"script={script}poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain($"puppy# {script}poweroff\n");
        machine.Output.ShouldContain($"puppy: command line: script={script}poweroff\n");
        for (int number = 0; number < 80; number++)
            machine.Output.ShouldContain($"\nline {number:d3} of many\n");
    }

    [Fact]
    public void Command_of_too_many_words_is_refused_and_not_run_without_its_last_ones()
    {
        string most = string.Join(' ', Enumerable.Range(1, 15));
        using var machine = new PuppyMachine($"script=echo {most}; echo {most} one; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain($"\n{most}\necho: not run, 17 words are too many\n");
    }

    [Fact]
    public void Line_of_a_file_that_is_too_long_is_refused_and_not_run_without_its_end()
    {
        byte[] initrd = PuppyFiles.Archive(
            ("init.script", $"echo {new string('a', 506)}\necho {new string('b', 507)}; crash panic\necho still here\npoweroff\n"));
        using var machine = new PuppyMachine("", initrd: initrd);
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain($"\n{new string('a', 506)}\n");
        machine.Output.ShouldContain("\n/init.script: not run, a line of 525 characters is too long: echo b");
        machine.Output.ShouldContain("\nstill here\n");
    }

    [GeneratedRegex(@"^ +\d+ (?:/?bin/)?(\w+)$", RegexOptions.Multiline)]
    private static partial Regex Program();
}
