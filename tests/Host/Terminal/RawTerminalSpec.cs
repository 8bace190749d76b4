// Raw mode on a pseudo terminal: what the kernel says about it before, while and after a Guest has it.

using Lguest.Host.Terminal;

namespace Lguest.Host.Tests.Terminal;

public sealed class RawTerminalSpec
{
    [SkippableFact]
    public void A_terminal_is_raw_while_it_is_held_and_as_before_afterwards()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pseudo terminals are tested as Linux has them");
        using var terminal = new PseudoTerminal();
        byte[] before = terminal.Attributes;
        terminal.Manners.ShouldBe(PseudoTerminal.Signals | PseudoTerminal.Lines | PseudoTerminal.Echo);

        using (RawTerminal.Enter(terminal.Descriptor).ShouldNotBeNull())
            terminal.Manners.ShouldBe(0u);
        terminal.Attributes.ShouldBe(before);

        using var held = RawTerminal.Enter(terminal.Descriptor).ShouldNotBeNull();
        held.Restore();
        terminal.Attributes.ShouldBe(before);
    }

    [Fact]
    public void What_is_no_terminal_is_left_alone() => RawTerminal.Enter(-1).ShouldBeNull();
}
