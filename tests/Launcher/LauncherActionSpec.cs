// What the Launcher makes of a NOTIFY's address (ABI sheet 10.5).

using Lguest.Devices.Console;
using Lguest.Devices.Rng;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Tests;

public sealed class LauncherActionSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;

    private readonly DevicePages _pages = new(
        [RngDescription.Create(), ConsoleDescription.Of(GuestGeneration.Linux3)], GuestGeneration.Linux3, RamBytes);
    private readonly GuestMemory _memory;

    public LauncherActionSpec()
    {
        _memory = new GuestMemory(RamBytes, _pages.Pages);
        _pages.WriteInto(_memory);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_queue_is_a_kick() =>
        Of(_pages.Devices[1].Rings[1].Base.Value).ShouldBe(new LauncherAction.Kick(1, _pages.Devices[1].Rings[1].Base));

    [Fact]
    public void A_descriptor_is_a_change_of_status()
    {
        _memory.TryWrite(_pages.Devices[1].Record + 4, (byte)3);

        Of(_pages.Devices[1].Record.Value).ShouldBe(new LauncherAction.StatusChanged(1, DeviceStatus.Acknowledge | DeviceStatus.Driver));
        Of(_pages.Devices[0].Record.Value).ShouldBe(new LauncherAction.StatusChanged(0, DeviceStatus.Reset));
    }

    [Fact]
    public void Any_other_address_is_text_up_to_its_end()
    {
        _memory.TryWrite(new GuestPhysical(0x5000), "Linux version\0not this"u8);

        Of(0x5000).ShouldBeOfType<LauncherAction.Print>().Text.ShouldBe("Linux version"u8.ToArray());
    }

    [Fact]
    public void Text_without_an_end_is_printed_no_further_than_a_page_or_the_end_of_memory()
    {
        _memory.Span(new GuestPhysical(0x5000), 0x10000).Fill((byte)'x');
        Of(0x5000).ShouldBeOfType<LauncherAction.Print>().Text.Length.ShouldBe(4096);

        uint last = _memory.Length - 3;
        _memory.Span(new GuestPhysical(last), 3).Fill((byte)'x');
        Of(last).ShouldBeOfType<LauncherAction.Print>().Text.Length.ShouldBe(3);
    }

    [Fact]
    public void An_address_beyond_memory_is_the_end() =>
        Of(_memory.Length).ShouldBeOfType<LauncherAction.Kill>().Reason.ShouldContain("bad NOTIFY address");

    private LauncherAction Of(uint address) => LauncherAction.Of(new GuestPhysical(address), _pages, _memory);
}
