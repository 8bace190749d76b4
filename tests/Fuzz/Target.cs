// What is fuzzed. Each reader ends in a result that keeps its promises or in the one exception by which it refuses; all else is a finding.

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Lguest.Devices;
using Lguest.Devices.Share;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;
using Lguest.Launcher.Tests.Images;
using Lguest.Net.Trunks;
using Lguest.Topology.Hocon;

namespace Lguest.Fuzz;

/// <summary>A reader of bytes from outside.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Seeds">Good inputs to start from.</param>
/// <param name="Try">Reads an input; throws for a finding.</param>
internal sealed record Target(string Name, Func<IEnumerable<byte[]>> Seeds, Action<byte[]> Try)
{
    private const uint Ram = 1 << 16;

    private static readonly string[] _topologies =
    [
        "lguest {\n  nodes { a { }, b { roles = [x] } }\n  lans.green { delay = 20ms }\n  guests.one { memory = 32M, lans = [green] }\n}\n",
        "a = ${?HOME}\"x\" \"\"\"y\"\"\" 10%, b += [1, 2]\ninclude \"c\"\n// end\n# end\nd.\"e f\" : { g = ${a} { h = null } }\n",
    ];

    public static IReadOnlyList<Target> All { get; } =
    [
        new("elf", () => [Files.Elf(Files.Linux("3.11")), Files.Elf(Files.Linux("2.6.23"), entry: 0x100004)], ReadKernel),
        new("bzimage", () => [Files.BzImage(Files.Linux("3.11"), "3.11")], ReadKernel),
        new("pc", () => PackedFiles.Names.Select(kind => Files.PcImage(PackedFiles.Payload(kind))).Append(PcElf()), ReadPc),
        new("initrd", () => [Files.Cpio("init", new byte[30]), Files.Gzip(Files.Cpio("init", new byte[30]))], ReadInitrd),
        new("hocon", () => _topologies.Select(Encoding.UTF8.GetBytes), ReadHocon),
        new("trunk", () => [Trunk(1), Trunk(40)], ReadTrunk),
        new("9p", () => [Messages(0), Messages(1)], ServeFolder),
        new("virtqueue", () => [Ring(0), Ring(1)], ServeRing),
    ];

    public static Target? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    private static void ReadKernel(byte[] file)
    {
        try
        {
            var image = KernelImage.Read(file, "kernel");
            if (image.Segments.Any(segment => (uint)segment.Content.Length > segment.MemoryBytes))
                throw new InvalidOperationException("a segment is larger than its memory");
            using GuestMemory memory = new(16 << 20);
            new BootImage(image, "kernel", [], [], 16).LoadInto(memory);
        }
        catch (RefusedException refused)
        {
            OneLine(refused.Message);
        }
    }

    private static byte[] PcElf() =>
        Files.Gzip(Files.WithNote(Files.Elf(Files.Linux("6.1.0", lguest: false), 0x200000), "Xen\0", 18, 4, 0x200000));

    private static void ReadPc(byte[] file)
    {
        try
        {
            if (KernelFile.Read(file, "kernel") is not PcKernel kernel)
                return;
            using GuestMemory memory = new(16 << 20);
            foreach (var write in PcBoot.Plan(kernel, "kernel", memory.RamBytes, [], new byte[5000], new byte[32]).Writes)
                if (!memory.TryWrite(write.Address, write.Content.Span))
                    throw new InvalidOperationException($"{write.Content.Length} bytes at {write.Address.Value:x} are not in memory");
        }
        catch (RefusedException refused)
        {
            OneLine(refused.Message);
        }
    }

    private static void ReadInitrd(byte[] file)
    {
        try
        {
            InitialRamdisk.Check(file, "initrd");
        }
        catch (RefusedException refused)
        {
            OneLine(refused.Message);
        }
    }

    private static void ReadHocon(byte[] file)
    {
        try
        {
            string text = Encoding.UTF8.GetString(file);
            HoconFile.Read("t.conf", text, (name, _) => (name, "c = 1"), name => name.Length % 2 == 0 ? name : null);
        }
        catch (MisconfiguredException refused)
        {
            OneLine(refused.Message);
        }
    }

    /// <summary>The first byte says in pieces of how many bytes the rest arrives. Whatever is found lies in what has arrived.</summary>
    private static void ReadTrunk(byte[] input)
    {
        TrunkReader reader = new(TrunkKind.Hello);
        byte[][] pieces = input.Skip(1).Chunk(Math.Max(1, (int)input.FirstOrDefault())).ToArray();
        var first = new Piece(pieces.FirstOrDefault() ?? [], null);
        var last = pieces.Skip(1).Aggregate(first, (before, piece) => new Piece(piece, before));
        ReadOnlySequence<byte> bytes = new(first, 0, last, last.Memory.Length);
        long length = bytes.Length;
        while (reader.TryRead(ref bytes, out var message))
        {
            length -= TrunkFormat.SizeOf((int)message.Route.Length, (int)message.Body.Length);
            if (bytes.Length != length || message.Route.Length > TrunkFormat.LongestRoute || message.Body.Length > TrunkFormat.LongestBody)
                throw new InvalidOperationException($"{message.Route.Length} and {message.Body.Length} bytes, {bytes.Length} left");
        }

        if (reader.Problem is { } problem)
            OneLine(problem);
    }

    /// <summary>A greeting, a message and a sign of life.</summary>
    private static byte[] Trunk(byte piece)
    {
        byte[] message = new byte[TrunkFormat.SizeOf(3, 20)];
        TrunkFormat.Begin(message, TrunkKind.Message, 6201, 'F', "a/b"u8).Fill(7);
        byte[] pulse = new byte[TrunkFormat.SizeOf(0, 0)];
        TrunkFormat.Begin(pulse, TrunkKind.Pulse, 0, '\0', []);
        byte[] hello = TrunkFormat.Greeting(TrunkKind.Hello, "akka.tcp://a@b:1"u8, new byte[TrunkFormat.TokenBytes]);
        return [piece, .. hello, .. message, .. pulse];
    }

    /// <summary>The input is one message after the other, each with a byte before it that says how long it is; each is answered.</summary>
    private static void ServeFolder(byte[] input)
    {
        string outside = Directory.CreateTempSubdirectory("lguest-fuzz-").FullName;
        string inside = Path.Combine(outside, "shared");
        Directory.CreateDirectory(inside);
        File.WriteAllText(Path.Combine(inside, "a"), "content");
        using (var folder = HostFolder.Open(inside, mostFiles: 50))
        using (ShareSession session = new(isReadOnly: false))
        {
            for (int at = 0; at < input.Length && input.Length - at > input[at] && input[at] >= MessageWriter.HeaderBytes;
                at += input[at] + 1)
            {
                var work = session.Begin(input.AsMemory(at + 1, input[at]), 4096);
                byte[] reply = new byte[work.ReplyBytes];
                work.Chain = new ShareChain(0, [], [], []) { Reply = reply };
                if (work.Act is not null)
                    work.Run(folder);
                int length = session.End(work, reply);
                if (BinaryPrimitives.ReadInt32LittleEndian(reply) != length)
                    throw new InvalidOperationException($"an answer of {length} bytes says something else");
            }

            session.Reset();
            if (folder.Files != 0 || session.UnderWay != 0)
                throw new InvalidOperationException($"{folder.Files} files are open, {session.UnderWay} requests under way");
        }

        if (Directory.GetFileSystemEntries(outside).Length != 1)
            throw new InvalidOperationException("something is outside of the folder");
        using var remove = System.Diagnostics.Process.Start("rm", ["-rf", outside]);
        remove.WaitForExit();
    }

    /// <summary>A version, an attach, and a walk with what follows.</summary>
    private static byte[] Messages(byte kind)
    {
        byte[] version = [100, 255, 255, 0, 32, 0, 0, 8, 0, .. "9P2000.L"u8];
        byte[] attach = [104, 1, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] walk = [110, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, (byte)(1 - kind), 0, .. kind == 0 ? "\u0001\0a"u8 : []];
        byte[] open = kind == 0 ? [12, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0]
            : [14, 1, 0, 1, 0, 0, 0, 1, 0, 98, 2, 0, 0, 0, 164, 1, 0, 0, 0, 0, 0, 0];
        byte[] read = [116, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0];
        return [.. new[] { version, attach, walk, open, read }.SelectMany(body => (byte[])[(byte)(body.Length + 4),
            (byte)(body.Length + 4), 0, 0, 0, .. body])];
    }

    /// <summary>The input lies in memory from the ring on, the rest is zeros; every buffer that comes out has to lie in memory.</summary>
    private static void ServeRing(byte[] input)
    {
        using GuestMemory memory = new(Ram);
        RingLayout layout = new(new GuestPhysical(0x1000), 8, 1);
        using SplitQueue queue = new(memory, layout, SuppressionRule.Flag, indirect: input.Length % 2 == 0);
        memory.TryWrite(layout.Base, input.AsSpan(0, Math.Min(input.Length, (int)(Ram - layout.Base.Value))));
        for (int chains = 0; chains < 100 && queue.TryTake() is { } chain; chains++)
        {
            foreach (var piece in chain.Readable.Concat(chain.Writable))
                if (!memory.Contains(piece.Address, piece.Length))
                    throw new InvalidOperationException($"a buffer of {piece.Length} bytes at {piece.Address.Value:x} is not in memory");
            queue.Return(chain.Head, 1);
            queue.ShouldInterrupt();
        }

        if (queue.Fault is { } fault)
            OneLine(fault);
    }

    /// <summary>A ring with two chains in it; the second kind has an indirect table.</summary>
    private static byte[] Ring(int odd)
    {
        byte[] ring = new byte[0x2000 + odd];
        Describe(ring, 0, 0x4000, 16, 1, 1);
        Describe(ring, 16, 0x5000, 512, 2, 0);
        Describe(ring, 32, 0x2000, 32, odd == 0 ? (ushort)4 : (ushort)0, 0);
        Describe(ring, 0x1000, 0x6000, 8, 1, 1);
        Describe(ring, 0x1010, 0x7000, 8, 2, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(ring.AsSpan(128 + 2), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(ring.AsSpan(128 + 6), 2);
        return ring;
    }

    private static void Describe(byte[] ring, int at, ulong address, uint length, ushort flags, ushort next)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(ring.AsSpan(at), address);
        BinaryPrimitives.WriteUInt32LittleEndian(ring.AsSpan(at + 8), length);
        BinaryPrimitives.WriteUInt16LittleEndian(ring.AsSpan(at + 12), flags);
        BinaryPrimitives.WriteUInt16LittleEndian(ring.AsSpan(at + 14), next);
    }

    private static void OneLine(string text)
    {
        if (text.Length == 0 || text.Contains('\n'))
            throw new InvalidOperationException($"not one line: {text}");
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
