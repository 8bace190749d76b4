// The translator as an engine: it interprets what is cold and what it has no code for, and enters emitted code wherever there is some.
//
//J:Translator:100 Hot and cold
// The interpreter of chapter Guest calls a handler for each instruction. It is quick to start and slow to repeat: a handler fetches its
// operands from memory, works, stores, and computes flags in case they are asked for. The host is an x86 too, so most of a Guest's
// instructions could run on it as they are. This chapter is about the three things that stand in the way: memory, which is the Guest's and
// not the host's; the flags, which no instruction of ours may disturb; and the instructions with which a Guest must not be trusted.
//
// To translate a block costs far more than to interpret it once, and most blocks of a boot run a few times only. So each begins
// in the interpreter, and its head counts. When it has run often enough it is translated, and its operations learn where their code begins.
// From then on every way into the block, by a link, by the table of guesses or from the run loop, finds that code. Emitted code returns to
// this loop with an operation in hand, whatever the reason; the operation is interpreted, and the next one may enter code again. So
// nothing has to be translated: whatever is not, an instruction or a whole block, is merely slower.
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Guest.Windows;

namespace Lguest.Guest.Translator;

/// <summary>Interpreter and emitted code, hand in hand.</summary>
internal sealed unsafe class TranslatorEngine : IEngine
{
    private readonly uint _hotAfter;
    private readonly Processor _processor;
    private readonly CpuState* _c;
    private readonly CodeMemory _code;
    private readonly CodeWriter _writer;
    private readonly EntryStubs _stubs;
    private readonly BlockTranslator _translator;
    private readonly NativePages _dispatchPage;
    private readonly nint _first;
    private readonly nint _cold;
    private readonly BlockInspector? _inspector;
    private readonly FaultPlaces _places = new();

    private TranslatorEngine(Processor processor, CodeMemory code, TranslatorSettings settings)
    {
        _hotAfter = settings.HotAfter;
        _processor = processor;
        _c = processor.State;
        _code = code;
        _writer = new CodeWriter(code);
        var flags = HostFlags.Of(_writer);
        _stubs = new EntryStubs(_writer);
        _cold = _stubs.Cold;
        _first = _writer.AddressOf(_stubs.End);
        _dispatchPage = new NativePages(sizeof(Op));
        var dispatch = (Op*)_dispatchPage.Base;
        dispatch->Run = &Dispatch;
        dispatch->Native = _stubs.Leave;
        _translator = new BlockTranslator(processor.Memory, _writer, _stubs, flags, dispatch, settings.ShortestStretch, _places);
        if (settings.Verify)
            _inspector = new BlockInspector(processor.Memory, _stubs, _writer, dispatch);
        TakesFaults = settings.Windows && WindowProbe.Problem is null && FaultHandler.TryAdd(_first, code.Length - _stubs.End);
    }

    public EngineKind Kind => EngineKind.Translator;

    /// <summary>Whether emitted code may fault, and so use windows.</summary>
    public bool TakesFaults { get; }

    /// <summary>Faults of emitted code since the start.</summary>
    public long Faults { get; private set; }

    /// <summary>Blocks translated since the start.</summary>
    public ulong Translated { get; private set; }

    /// <summary>Bytes of code in use.</summary>
    public uint CodeBytes => _writer.Position + _writer.ColdPosition - _writer.FirstCold;

    /// <summary>What has blocks verified; null if the settings do not ask for it.</summary>
    public BlockInspector? Inspector => _inspector;

    /// <param name="processor">Whose engine this will be.</param>
    /// <param name="settings">Its bounds.</param>
    /// <param name="why">What this host lacks, where the result is null.</param>
    public static TranslatorEngine? TryMake(Processor processor, TranslatorSettings settings, out string why)
    {
        why = TranslatorProbe.ProblemInKind() ?? "";
        if (why.Length == 0 && CodeMemory.TryMake(settings.CodeBytes, out why) is { } code)
            return new TranslatorEngine(processor, code, settings);
        return null;
    }

    public void Attach()
    {
        _c->NativeLeave = _stubs.Leave;
        _c->NativeCold = _stubs.Cold;
        _c->NativeFall = _stubs.Fall;
        _c->NativeFallChecked = _stubs.FallChecked;
        _c->NativeChecked = _stubs.Checked;
        _c->NativeFault = _stubs.AfterFault;
    }

    public void Execute(Op* op)
    {
        while (op != null)
        {
            if (op->Native >= _first)
            {
                // Code may be entered in the middle of a block, behind its question for budget and attention.
                if (_c->Budget > BlockBuilder.MaxInstructions && _c->Poll == 0)
                {
                    if ((_c->Mode & ModeBits.Window) != 0)
                        _processor.Windows!.Select();
                    op = _stubs.Enter(_c, op->Native);
                    if (op == null)
                    {
                        op = InterpretFault();
                        continue;
                    }
                }
            }

            if (op->Native == _cold && ++((Block*)op - 1)->Heat >= _hotAfter)
            {
                if (!TryTranslate(op))
                    return;
                continue;
            }

            op = op->Run(_c, op);
        }
    }

    public void Cleared()
    {
        _writer.Position = _stubs.End;
        _writer.ColdPosition = _writer.FirstCold;
        _places.ForgetFrom(_stubs.End);
    }

    public void Dispose()
    {
        if (TakesFaults)
            FaultHandler.Remove(_first);
        _stubs.Dispose();
        _dispatchPage.Dispose();
        _code.Dispose();
    }

    /// <summary>An access of emitted code has faulted: the interpreter does what the operation says, which sets whatever bits it sets and
    /// raises what it raises, and then the page may be mapped.</summary>
    private Op* InterpretFault()
    {
        Faults++;
        nint address = _c->FaultAddress;
        bool write = (_c->FaultAccess & (ulong)AccessKind.Write) != 0;
        var op = _places.Find((uint)(_c->FaultPlace - _writer.AddressOf(0)), out bool adjustDirty);
        if (op == null)
            throw new InvalidOperationException($"emitted code has faulted where it should not, at {_c->FaultPlace:x}");
        if (adjustDirty)
            Flags.ClearAdjust(_c);
        op = op->Run(_c, op);
        _processor.Windows!.Faulted(address, write);
        return op;
    }

    /// <summary>False if everything had to be forgotten for want of room; EIP says where to go on.</summary>
    private bool TryTranslate(Op* head)
    {
        var block = (Block*)head - 1;
        if (_writer.Room < (block->Ops + 1) * BlockTranslator.MostBytes
            || _writer.ColdRoom < (block->Ops + 1) * BlockTranslator.MostColdBytes)
        {
            _c->Eip = head->Eip;
            _processor.Blocks.Clear();
            return false;
        }

        head->Native = _stubs.Leave;
        uint start = _writer.Position, cold = _writer.ColdPosition;
        if (!_translator.Translate(block))
            return true;
        _inspector?.Inspect(block, start, cold);
        Translated++;
        return true;
    }

    /// <summary>The handler of the operation to which an indirect branch leaves whose destination the table did not have.</summary>
    private static Op* Dispatch(CpuState* c, Op* op) =>
        c->Budget > 0 & c->Poll == 0 ? Processor.Of(c).Blocks.Find(c->Eip) : null;
}
