// Brings a translated block before the verifier: gathers what is around it, and says all there is to say if it is refused.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using Decoder = Iced.Intel.Decoder;

namespace Lguest.Guest.Translator;

/// <summary>Has every block of an engine verified.</summary>
internal sealed unsafe class BlockInspector
{
    private readonly GuestMemory _memory;
    private readonly CodeWriter _writer;
    private readonly bool _verifies;
    private readonly ulong _dispatch;
    private readonly ulong _firstCode;
    private readonly ulong[] _waysOut;

    /// <summary>Where the code of each block is: the first and the last offset, those of its ways out.</summary>
    private readonly Dictionary<nint, (uint Start, uint End, uint Cold, uint ColdEnd)> _places = [];

    /// <summary>Where blocks that were accepted begin, or a way out of one that is forgotten, with the part of the mode that their code
    /// relies on.</summary>
    private readonly Dictionary<ulong, uint> _heads = [];

    public BlockInspector(GuestMemory memory, EntryStubs stubs, CodeWriter writer, Op* dispatch, bool verifies)
    {
        _memory = memory;
        _verifies = verifies;
        _writer = writer;
        _dispatch = (ulong)dispatch;
        _firstCode = (ulong)writer.AddressOf(stubs.End);
        _waysOut = [(ulong)writer.AddressOf(stubs.LeavePosition), (ulong)writer.AddressOf(stubs.LeaveClearingAdjust)];
    }

    /// <summary>What a test wants to see: the code of each block, where it is executed, and what is around it.</summary>
    public Action<byte[], ulong, VerifierContext>? Seen { get; set; }

    /// <summary>Throws if the code from two offsets up to the writer's positions is refused.</summary>
    /// <param name="block">What was translated.</param>
    /// <param name="start">Where its code begins.</param>
    /// <param name="cold">Where its ways out begin.</param>
    public void Inspect(Block* block, uint start, uint cold)
    {
        _places[(nint)block] = (start, _writer.Position, cold, _writer.ColdPosition);
        InspectAgain((nint)block);
        if ((ulong)Block.Head(block)->Native >= _firstCode)
            _heads[(ulong)Block.Head(block)->Native] = Kind(block);
    }

    /// <summary>A jump at the end of a block has been written again.</summary>
    public void InspectAgain(nint block)
    {
        if (_verifies && _places.TryGetValue(block, out var place))
            Inspect((Block*)block, place.Start, place.End, place.Cold, place.ColdEnd);
    }

    /// <summary>A block is not executed any more; who jumps to it may go on doing so, if it leaves there.</summary>
    public void Forgetting(Block* block) => _places.Remove((nint)block);

    /// <summary>All code is gone.</summary>
    public void Cleared()
    {
        _places.Clear();
        _heads.Clear();
    }

    /// <summary>A block's instructions, and the code that was made of them.</summary>
    public string Describe(Block* block)
    {
        if (!_places.TryGetValue((nint)block, out var place))
            return GuestText(block) + "host: not translated\n";
        return GuestText(block) + HostText(_writer.Between(place.Start, place.End), (ulong)_writer.AddressOf(place.Start))
            + HostText(_writer.Between(place.Cold, place.ColdEnd), (ulong)_writer.AddressOf(place.Cold));
    }

    /// <summary>A block's code, for a test that wants it to be wrong.</summary>
    internal Span<byte> CodeOf(Block* block) => _writer.Between(_places[(nint)block].Start, _places[(nint)block].End);

    private static uint Kind(Block* block) => block->Mode & (ModeBits.User | ModeBits.Window);

    private void Inspect(Block* block, uint start, uint end, uint cold, uint coldEnd)
    {
        ulong address = (ulong)_writer.AddressOf(start), coldAddress = (ulong)_writer.AddressOf(cold);
        var code = new ReadOnlySpan<byte>((byte*)address, (int)(end - start));
        var waysOut = new ReadOnlySpan<byte>((byte*)coldAddress, (int)(coldEnd - cold));
        var context = ContextOf(block, address, address + (ulong)code.Length) with
        {
            Cold = waysOut.ToArray(),
            ColdAddress = coldAddress,
        };
        if (!CodeVerifier.TryVerify(code, address, context, out string why))
            throw new InvalidOperationException($"emitted code is refused: {why}\n{GuestText(block)}"
                + HostText(code, address) + HostText(waysOut, coldAddress));
        Seen?.Invoke(code.ToArray(), address, context);
    }

    private VerifierContext ContextOf(Block* block, ulong start, ulong end)
    {
        var head = Block.Head(block);
        Dictionary<ulong, OpRights> rights = new() { [_dispatch] = OpRights.Leave };
        Dictionary<ulong, HostUnits> entries = [];
        for (uint i = 0; i < block->Ops; i++)
        {
            var op = head + i;
            ulong native = (ulong)op->Native;
            if (i > 0 && native >= start && native < end)
                entries[native] = op->Needs & entries.GetValueOrDefault(native, op->Needs);

            bool ends = op->Role == OpRole.End;
            var allowed = OpRights.Leave;
            if (op->Role == OpRole.Branch || (ends && op->Target != null))
                allowed |= OpRights.Follow;
            if (ends && native < _firstCode)
                allowed |= OpRights.GoOn;
            rights[(ulong)op] = allowed;
        }

        // Of values only: a context may be asked when the block is no more.
        ulong first = (ulong)head->Native;
        uint kind = Kind(block);
        return new VerifierContext
        {
            WaysOut = _waysOut,
            IsUser = (block->Mode & ModeBits.User) != 0,
            HasWindow = (block->Mode & ModeBits.Window) != 0,
            Entries = entries.Keys,
            UnitsAt = at => entries.GetValueOrDefault(at),
            Head = first >= start && first < end ? first : 0,
            RightsOf = at => rights.GetValueOrDefault(at),
            IsHead = at => _heads.TryGetValue(at, out uint other) && other == kind,
        };
    }

    private string GuestText(Block* block)
    {
        byte[] bytes = new byte[block->Length];
        uint offset = block->Physical & 0xfff;
        for (uint i = 0; i < bytes.Length; i++)
        {
            uint page = offset + i < GuestMemory.PageSize ? block->Physical & ~0xfffu : block->SecondFrame << GuestMemory.PageShift;
            bytes[i] = _memory.Base[page + ((offset + i) & 0xfff)];
        }

        var decoder = Decoder.Create(32, new ByteArrayCodeReader(bytes), BlockBuilder.Dialect);
        decoder.IP = block->Eip;
        return Text("guest:", decoder, block->Eip + block->Length);
    }

    private static string HostText(ReadOnlySpan<byte> code, ulong address)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.ToArray()));
        decoder.IP = address;
        return Text("host:", decoder, address + (ulong)code.Length);
    }

    private static string Text(string title, Decoder decoder, ulong end)
    {
        StringBuilder text = new();
        text.AppendLine(title);
        while (decoder.IP < end)
            text.AppendLine($"  {decoder.IP:x8} {decoder.Decode()}");
        return text.ToString();
    }
}
