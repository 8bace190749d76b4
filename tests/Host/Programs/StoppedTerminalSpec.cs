// What a PC does while its terminal takes nothing: in real time its serial port is busy; a Guest that must not see that, or could not, is
// held.

using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Tests;
using Lguest.Launcher.Tests.Images;
using Lguest.Pc.Chips;
using Lguest.Switcher.Time;

namespace Lguest.Host.Tests.Programs;

public sealed class StoppedTerminalSpec : IDisposable
{
    private const int Characters = 200_000;
    private const ushort DebugConsole = 0xE9;
    private const ushort LineStatus = Uart16550.FirstPortOfCom1 + 5;
    private const uint TransmitterEmpty = 0x20;

    private readonly string _kernel = Path.GetTempFileName();
    private readonly StoppedTerminal _terminal = new();
    private int _busy;

    public void Dispose()
    {
        File.Delete(_kernel);
        _terminal.Dispose();
    }

    [Fact]
    public void In_virtual_time_the_transmitter_is_never_busy_and_the_CPU_waits() =>
        IsHeld(Build(Files.Elf(Files.Linux("6.1.176", lguest: false), 0x1000000, memoryBytes: 0x5000), ClockKind.Virtual),
            Uart16550.FirstPortOfCom1);

    [Theory]
    [InlineData(ClockKind.Real)]
    [InlineData(ClockKind.Virtual)]
    public void Nothing_that_is_printed_at_port_E9h_is_lost(ClockKind clock) => IsHeld(Build(Files.Multiboot([0xf4]), clock), DebugConsole);

    [Fact]
    public void In_real_time_the_transmitter_becomes_busy_and_nobody_waits()
    {
        var pc = Build(Files.Elf(Files.Linux("6.1.176", lguest: false), 0x1000000, memoryBytes: 0x5000), ClockKind.Real);
        Print(pc, Uart16550.FirstPortOfCom1);
        _busy.ShouldBePositive();
        GoOn(pc);
    }

    private void IsHeld(PcParts pc, ushort port)
    {
        Thread cpu = new(() => Print(pc, port)) { IsBackground = true };
        cpu.Start();
        SpinWait.SpinUntil(() => cpu.ThreadState.HasFlag(ThreadState.WaitSleepJoin), StoppedTerminal.Patience).ShouldBeTrue();

        _terminal.GoOn();
        cpu.Join(StoppedTerminal.Patience).ShouldBeTrue();
        GoOn(pc);
        _terminal.Bytes.ShouldBe(Characters);
        _busy.ShouldBe(0);
    }

    private void GoOn(PcParts pc)
    {
        using ManualResetEventSlim written = new();
        _terminal.GoOn();
        pc.Terminal.WhenWritten(written.Set);
        written.Wait(StoppedTerminal.Patience).ShouldBeTrue();
    }

    private void Print(PcParts pc, ushort port)
    {
        for (int i = 0; i < Characters; i++)
        {
            _busy += (pc.Board.ReadPort(LineStatus, 1, i) & TransmitterEmpty) == 0 ? 1 : 0;
            pc.Board.WritePort(port, 1, 'x', i);
        }

        pc.Board.Rest(Characters);
    }

    private PcParts Build(byte[] kernel, ClockKind clock)
    {
        File.WriteAllBytes(_kernel, kernel);
        LauncherOptions options = new(64, _kernel, [], []) { Clock = clock };
        var pc = GuestPlan.Read(options).Build(_terminal).Parts.ShouldBeOfType<PcParts>();
        pc.Serial.Print = text => pc.Terminal.Write(text.Span, () => { });
        return pc;
    }
}
