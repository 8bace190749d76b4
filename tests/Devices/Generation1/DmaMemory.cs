// A generation 1 Guest's memory as its drivers would fill it: descriptors and the pieces that they name.

using System.Text;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;

namespace Lguest.Devices.Tests.Generation1;

internal static class DmaMemory
{
    public const uint Ram = 1 << 20;
    public const uint Page = Ram + GuestMemory.PageSize;
    public const uint Data = 0x10000;
    private const uint DescriptorAt = 0x8000;

    public static GuestMemory Make() => new(Ram, devicePages: 2);

    /// <summary>A descriptor of these pieces.</summary>
    public static DmaDescriptor Describe(GuestMemory memory, params ReadOnlySpan<(uint Address, int Length)> pieces)
    {
        memory.Span(new GuestPhysical(DescriptorAt), DmaDescriptor.Size).Clear();
        for (int i = 0; i < pieces.Length; i++)
        {
            memory.TryWrite(new GuestPhysical(DescriptorAt + 4 + (uint)(4 * i)), pieces[i].Address);
            memory.TryWrite(new GuestPhysical(DescriptorAt + 68 + (uint)(2 * i)), (ushort)pieces[i].Length);
        }

        return DmaDescriptor.Read(memory, new GuestPhysical(DescriptorAt))!.Value;
    }

    public static void Write(GuestMemory memory, uint at, string text) =>
        memory.TryWrite(new GuestPhysical(at), Encoding.ASCII.GetBytes(text));

    public static string Text(GuestMemory memory, uint at, int length) =>
        Encoding.ASCII.GetString(memory.Span(new GuestPhysical(at), (uint)length));

    public static uint Word(GuestMemory memory, uint at) =>
        memory.TryRead(new GuestPhysical(at), out uint value) ? value : throw new ArgumentOutOfRangeException(nameof(at));
}
