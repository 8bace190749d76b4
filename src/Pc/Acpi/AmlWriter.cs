// The few words of ACPI's machine language that our tables need, written front to back. Blocks carry their own length, so each is written
// into a buffer of its own first.

using System.Buffers.Binary;
using System.Text;

namespace Lguest.Pc.Acpi;

/// <summary>Encodes AML (ACPI specification, "ACPI Machine Language").</summary>
internal sealed class AmlWriter
{
    private const byte NameOp = 0x08;
    private const byte ScopeOp = 0x10;
    private const byte BufferOp = 0x11;
    private const byte PackageOp = 0x12;
    private const byte ExtendedOp = 0x5B;
    private const byte DeviceOp = 0x82;

    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    /// <summary>Scope (path) { ... }</summary>
    public AmlWriter Scope(string path, Action<AmlWriter> body) => Raw(ScopeOp).Block(inner => body(inner.Path(path)));

    /// <summary>Device (name) { ... }</summary>
    public AmlWriter Device(string name, Action<AmlWriter> body) => Raw(ExtendedOp, DeviceOp).Block(inner => body(inner.Path(name)));

    /// <summary>Name (name, value), the value being what is written next.</summary>
    public AmlWriter Name(string name) => Raw(NameOp).Path(name);

    /// <summary>Package () { ... }</summary>
    public AmlWriter Package(int elements, Action<AmlWriter> body) =>
        Raw(PackageOp).Block(inner => body(inner.Raw(checked((byte)elements))));

    /// <summary>Buffer () { ... }</summary>
    public AmlWriter Buffer(params byte[] bytes) => Raw(BufferOp).Block(inner => inner.Integer((uint)bytes.Length).Raw(bytes));

    /// <summary>A number in its shortest form.</summary>
    public AmlWriter Integer(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return value switch
        {
            0 or 1 => Raw((byte)value),
            <= byte.MaxValue => Raw(0x0A).Raw(bytes[..1]),
            <= ushort.MaxValue => Raw(0x0B).Raw(bytes[..2]),
            _ => Raw(0x0C).Raw(bytes),
        };
    }

    /// <summary>EisaId ("PNP0A03"): three letters of five bits and four hexadecimal digits, high byte first.</summary>
    public AmlWriter EisaId(string id)
    {
        int letters = ((id[0] - '@') << 10) | ((id[1] - '@') << 5) | (id[2] - '@');
        uint value = ((uint)letters << 16) | Convert.ToUInt32(id[3..], 16);
        return Integer(BinaryPrimitives.ReverseEndianness(value));
    }

    private AmlWriter Path(string path) => Raw(Encoding.ASCII.GetBytes(path));

    /// <summary>A length, which counts itself, and what it is the length of.</summary>
    private AmlWriter Block(Action<AmlWriter> body)
    {
        var inner = new AmlWriter();
        body(inner);
        int length = inner._bytes.Count;
        if (length + 1 < 0x40)
            return Raw((byte)(length + 1)).Raw([.. inner._bytes]);
        if (length + 2 >= 0x1000)
            throw new InvalidOperationException("no table of ours is that long");
        return Raw((byte)(0x40 | ((length + 2) & 15)), (byte)((length + 2) >> 4)).Raw([.. inner._bytes]);
    }

    private AmlWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
