// The tables as a kernel reads them: found by the root pointer, followed by addresses, trusted by checksums.
using System.Buffers.Binary;
using System.Text;
using Lguest.Pc.Acpi;
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Acpi;

public sealed class AcpiTablesSpec
{
    private readonly byte[] _image = AcpiTables.Build(new AcpiPlan(0xC0000000, 0xFEBFFFFF, [(1, 10), (2, 11), (3, 5)]));

    [Fact]
    public void The_root_pointer_is_the_first_thing_in_the_searched_memory()
    {
        (AcpiTables.Address % 16).ShouldBe(0u);
        Encoding.ASCII.GetString(_image, 0, 8).ShouldBe("RSD PTR ");
        Sum(_image.AsSpan(0, 20)).ShouldBe((byte)0);
        _image.Length.ShouldBeLessThan(0x10000);
    }

    [Fact]
    public void Every_table_has_its_length_and_adds_up_to_zero()
    {
        var rsdt = Table(Address(_image.AsSpan(16)), "RSDT");
        rsdt.Length.ShouldBe(40);
        var fixedTable = Table(Address(rsdt[36..]), "FACP");
        fixedTable.Length.ShouldBe(244);
        Table(Address(fixedTable[40..]), "DSDT").Length.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void The_firmware_control_structure_is_aligned_and_named()
    {
        uint at = Address(FixedTable()[36..]);
        (at % 64).ShouldBe(0u);
        Encoding.ASCII.GetString(_image, (int)(at - AcpiTables.Address), 4).ShouldBe("FACS");
    }

    [Fact]
    public void The_fixed_table_names_ports_that_end_the_machine()
    {
        var ends = new List<PowerAction>();
        var bus = new TestBus();
        new SystemControl(new TestLine(), ends.Add).Attach(bus.Ports);
        var table = FixedTable();

        bus.Out((int)Address(table[120..]), table[128]);
        bus.OutWord((int)Address(table[64..]), 0x2000 | (SystemControl.SleepTypeOff << 10));

        ends.ShouldBe([PowerAction.Reset, PowerAction.PowerOff]);
    }

    [Fact]
    public void The_namespace_has_the_sleep_state_the_bus_its_windows_and_its_interrupts()
    {
        var table = Table(Address(FixedTable()[40..]), "DSDT");
        int at = 36;
        Take("08 5C 5F 53 35 5F 12 06 04 00 00 00 00"); // Name (\_S5, Package (4) {0, 0, 0, 0})
        Take("10 43 0A 5C 5F 53 42 5F"); // Scope (\_SB)
        Take("5B 82 4A 09 50 43 49 30"); // Device (PCI0)
        Take("08 5F 48 49 44 0C 41 D0 0A 03"); // Name (_HID, EisaId ("PNP0A03"))
        Take("08 5F 43 52 53 11 48 05 0A 54"); // Name (_CRS, Buffer (54h)
        Take("88 0D 00 02 0C 00 00 00 00 00 00 00 00 00 01 00");
        Take("47 01 F8 0C F8 0C 01 08");
        Take("88 0D 00 01 0C 03 00 00 00 00 F7 0C 00 00 F8 0C");
        Take("88 0D 00 01 0C 03 00 00 00 0D FF FF 00 00 00 F3");
        Take("87 17 00 00 0C 01 00 00 00 00 00 00 00 C0 FF FF BF FE 00 00 00 00 00 00 C0 3E");
        Take("79 00");
        Take("08 5F 50 52 54 12 26 03"); // Name (_PRT, Package (3)
        Take("12 0B 04 0C FF FF 01 00 00 00 0A 0A");
        table.Length.ShouldBeGreaterThan(at);

        void Take(string hex)
        {
            byte[] expected = [.. hex.Split(' ').Select(digits => Convert.ToByte(digits, 16))];
            Convert.ToHexString(_image.AsSpan(Start() + at, expected.Length)).ShouldBe(Convert.ToHexString(expected), $"at {at}");
            at += expected.Length;
        }

        int Start() => (int)(Address(FixedTable()[40..]) - AcpiTables.Address);
    }

    [Fact]
    public void Every_table_says_who_made_it_and_by_which_revision_of_the_specification()
    {
        Encoding.ASCII.GetString(_image, 9, 6).ShouldBe("LGUEST");
        foreach (var (name, revision) in ((string, byte)[])[("RSDT", 1), ("FACP", 3), ("DSDT", 2)])
        {
            var table = name == "RSDT" ? Table(Address(_image.AsSpan(16)), name)
                : name == "FACP" ? FixedTable() : Table(Address(FixedTable()[40..]), name);
            table[8].ShouldBe(revision);
            Encoding.ASCII.GetString(table[10..24]).ShouldBe("LGUESTLGUESTPC");
            Address(table[24..]).ShouldBe(1u);
            Encoding.ASCII.GetString(table[28..32]).ShouldBe("LGST");
            Address(table[32..]).ShouldBe(1u);
        }
    }

    [Theory]
    [InlineData(116, 1, 0xCF9), InlineData(148, 4, 0x600), InlineData(172, 2, 0x604)]
    public void The_ports_are_told_with_their_width(int at, int bytes, int port)
    {
        byte[] address = FixedTable()[at..(at + 12)].ToArray();
        address.ShouldBe([1, (byte)(8 * bytes), 0, (byte)(bytes == 4 ? 3 : bytes), .. BitConverter.GetBytes((long)port)]);
    }

    [Theory]
    [InlineData(60, "11 3F 0A 3C"), InlineData(61, "11 41 04 0A 3D")]
    public void A_length_takes_a_second_byte_when_it_does_not_fit_into_six_bits(int bytes, string head)
    {
        byte[] expected = [.. head.Split(' ').Select(digits => Convert.ToByte(digits, 16)), .. new byte[bytes]];
        new AmlWriter().Buffer(new byte[bytes]).ToArray().ShouldBe(expected);
    }

    [Fact]
    public void Numbers_take_the_bytes_that_they_need_and_identifiers_are_packed_letters()
    {
        new AmlWriter().Integer(1).Integer(2).Integer(255).Integer(256).Integer(65535).Integer(65536).ToArray().ShouldBe(
            [1, 0x0A, 2, 0x0A, 0xFF, 0x0B, 0, 1, 0x0B, 0xFF, 0xFF, 0x0C, 0, 0, 1, 0]);
        new AmlWriter().EisaId("ABC1234").ToArray().ShouldBe([0x0C, 0x04, 0x43, 0x12, 0x34]);
    }

    [Fact]
    public void A_table_that_is_too_long_is_an_error() =>
        Should.Throw<InvalidOperationException>(() => new AmlWriter().Buffer(new byte[0x1000 - 5]));

    private ReadOnlySpan<byte> FixedTable() => Table(Address(Table(Address(_image.AsSpan(16)), "RSDT")[36..]), "FACP");

    private ReadOnlySpan<byte> Table(uint address, string signature)
    {
        var bytes = _image.AsSpan((int)(address - AcpiTables.Address));
        Encoding.ASCII.GetString(bytes[..4]).ShouldBe(signature);
        bytes = bytes[..BinaryPrimitives.ReadInt32LittleEndian(bytes[4..])];
        Sum(bytes).ShouldBe((byte)0, signature);
        return bytes;
    }

    private static uint Address(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte one in bytes)
            sum += one;
        return sum;
    }
}
