// Raw mode on a pseudo terminal: what the kernel says about it before, while and after a Guest has it.

using System.Runtime.InteropServices;
using Lguest.Host.Terminal;

namespace Lguest.Host.Tests.Terminal;

public sealed partial class RawTerminalSpec
{
    private const int ReadWrite = 2;
    private const int LocalFlags = 12; // c_lflag of Linux's struct termios
    private const uint Signals = 1; // ISIG
    private const uint Lines = 2; // ICANON
    private const uint Echo = 8; // ECHO

    [Fact]
    public void A_terminal_is_raw_while_it_is_held_and_as_before_afterwards()
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("not run: this test knows Linux's pseudo terminals only");
            return;
        }

        var (master, terminal) = OpenPair();
        try
        {
            var before = Attributes(terminal);
            (Flags(before) & (Signals | Lines | Echo)).ShouldBe(Signals | Lines | Echo);

            using (RawTerminal.Enter(terminal).ShouldNotBeNull())
                (Flags(Attributes(terminal)) & (Signals | Lines | Echo)).ShouldBe(0u);
            Attributes(terminal).ShouldBe(before);

            using (var held = RawTerminal.Enter(terminal).ShouldNotBeNull())
            {
                held.Restore();
                Attributes(terminal).ShouldBe(before);
            }
        }
        finally
        {
            _ = CloseDescriptor(terminal);
            _ = CloseDescriptor(master);
        }
    }

    [Fact]
    public void What_is_no_terminal_is_left_alone() => RawTerminal.Enter(-1).ShouldBeNull();

    private static (int Master, int Terminal) OpenPair()
    {
        var master = OpenMaster(ReadWrite);
        master.ShouldBeGreaterThanOrEqualTo(0);
        Grant(master).ShouldBe(0);
        Unlock(master).ShouldBe(0);
        var name = new byte[64];
        Name(master, name, (nuint)name.Length).ShouldBe(0);
        var terminal = OpenFile(name, ReadWrite | 0x100);
        terminal.ShouldBeGreaterThanOrEqualTo(0);
        return (master, terminal);
    }

    private static byte[] Attributes(int descriptor)
    {
        var attributes = new byte[256];
        GetAttributes(descriptor, attributes).ShouldBe(0);
        return attributes;
    }

    private static uint Flags(byte[] attributes) => BitConverter.ToUInt32(attributes, LocalFlags);

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int Name(int master, [Out] byte[] name, nuint length);

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int OpenFile([In] byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] attributes);
}
