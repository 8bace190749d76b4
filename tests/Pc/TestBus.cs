// A port bus with a clock at hand, so that a test reads like the driver that it stands for.
using Lguest.Machine;

namespace Lguest.Pc.Tests;

internal sealed class TestBus
{
    public PortBus Ports { get; } = new();

    /// <summary>Guest time in nanoseconds.</summary>
    public long Now { get; set; }

    public byte In(int port) => (byte)Ports.Read((ushort)port, 1, Now);

    public ushort InWord(int port) => (ushort)Ports.Read((ushort)port, 2, Now);

    public uint InDouble(int port) => Ports.Read((ushort)port, 4, Now);

    public void Out(int port, int value) => Ports.Write((ushort)port, 1, (uint)value, Now);

    public void OutWord(int port, int value) => Ports.Write((ushort)port, 2, (uint)value, Now);

    public void OutDouble(int port, uint value) => Ports.Write((ushort)port, 4, value, Now);
}
