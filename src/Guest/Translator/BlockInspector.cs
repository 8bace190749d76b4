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
    private readonly ulong _dispatch;
    private readonly ulong _firstCode;
    private readonly ulong[] _waysOut;

    public BlockInspector(GuestMemory memory, EntryStubs stubs, CodeWriter writer, Op* dispatch)
    {
        _memory = memory;
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
        ulong address = (ulong)_writer.AddressOf(start), coldAddress = (ulong)_writer.AddressOf(cold);
        var code = new ReadOnlySpan<byte>((byte*)address, (int)(_writer.Position - start));
        var waysOut = new ReadOnlySpan<byte>((byte*)coldAddress, (int)(_writer.ColdPosition - cold));
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
        HashSet<ulong> entries = [];
        for (uint i = 0; i < block->Ops; i++)
        {
            var op = head + i;
            ulong native = (ulong)op->Native;
            if (i > 0 && native >= start && native < end)
                entries.Add(native);

            // Only instructions and fences have an end; of the others, the block's end counts instructions, and a link does not.
            bool ends = op->Next == 0 && op->Index > 0;
            bool link = op->Next == 0 && op->Index == 0 && i > 0;
            var allowed = OpRights.Leave;
            if (op->Target != null && !link)
                allowed |= OpRights.Follow;
            if (ends && native < _firstCode)
                allowed |= OpRights.GoOn;
            rights[(ulong)op] = allowed;
        }

        ulong first = (ulong)head->Native;
        return new VerifierContext
        {
            WaysOut = _waysOut,
            IsUser = (block->Mode & ModeBits.User) != 0,
            HasWindow = (block->Mode & ModeBits.Window) != 0,
            Entries = entries,
            Head = first >= start && first < end ? first : 0,
            RightsOf = at => rights.GetValueOrDefault(at),
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
