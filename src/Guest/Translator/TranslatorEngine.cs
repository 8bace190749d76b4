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
using Lguest.Guest.Execute.Fpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Guest.Windows;

namespace Lguest.Guest.Translator;

/// <summary>Interpreter and emitted code, hand in hand.</summary>
internal sealed unsafe class TranslatorEngine : IEngine
{
    /// <summary>In the error code of a page fault of this process.</summary>
    private const ulong UserAccess = 4;

    private readonly uint _hotAfter;
    private readonly Processor _processor;
    private readonly EngineState* _e;
    private readonly CodeMemory _code;
    private readonly CodeWriter _writer;
    private readonly EntryStubs _stubs;
    private readonly BlockTranslator _translator;
    private readonly NativePages _dispatchPage;
    private readonly nint _first;
    private readonly nint _cold;
    private readonly BlockInspector? _inspector;
    private readonly FaultPlaces _places;
    private uint _mostWarm, _mostCold;
    private readonly UnitRegisters _units = new();
    private readonly DirectLinks _links;

    private TranslatorEngine(Processor processor, CodeMemory code, TranslatorSettings settings)
    {
        _hotAfter = settings.HotAfter;
        _processor = processor;
        _e = processor.Execution;
        _code = code;
        _writer = new CodeWriter(code);
        var flags = HostFlags.Of(_writer);
        _places = new FaultPlaces(processor.Blocks.Start);
        _stubs = new EntryStubs(_writer, _units.Image);
        _cold = _stubs.Cold;
        _first = _writer.AddressOf(_stubs.End);
        _dispatchPage = new NativePages(sizeof(Op));
        var dispatch = (Op*)_dispatchPage.Base;
        dispatch->Run = &Dispatch;
        dispatch->Native = _stubs.Leave;
        _links = new DirectLinks(_e, _writer, _stubs);
        _translator = new BlockTranslator(processor.Memory, _writer, _stubs, flags, dispatch, settings.ShortestStretch, _places, _links,
            _e);
        if (settings.Verify || settings.Describes)
        {
            _inspector = new BlockInspector(processor.Memory, _stubs, _writer, dispatch, settings.Verify);
            _links.Changed = _inspector.InspectAgain;
        }

        TakesFaults = settings.Windows && WindowProbe.Problem is null && FaultHandler.TryAdd(_first, code.Length - _stubs.End);
    }

    public EngineKind Kind => EngineKind.Translator;

    /// <summary>Whether emitted code may fault, and so use windows.</summary>
    public bool TakesFaults { get; }

    /// <summary>Faults of emitted code since the start.</summary>
    public long Faults { get; private set; }

    /// <summary>Blocks translated since the start.</summary>
    public ulong Translated { get; private set; }

    /// <inheritdoc/>
    public uint CodeBytes => _writer.Position + _writer.ColdPosition - _writer.FirstCold;

    /// <inheritdoc/>
    public uint TouchedCodeBytes => Math.Max(_mostWarm, _writer.Position) + Math.Max(_mostCold, _writer.ColdPosition - _writer.FirstCold);

    /// <inheritdoc/>
    public long TableBytes => _places.Bytes + _links.Bytes + _dispatchPage.Length;

    /// <summary>Is told the operation to which emitted code has come back, with the state as that finds it, EIP included; null where nobody
    /// asks.</summary>
    public Action<nint>? Left { get; set; }

    /// <summary>What has blocks verified and shows them; null if the settings ask for neither.</summary>
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
        _e->NativeLeave = _stubs.Leave;
        _e->NativeCold = _stubs.Cold;
        _e->NativeFall = _stubs.Fall;
        _e->NativeFallChecked = _stubs.FallChecked;
        _e->NativeChecked = _stubs.Checked;
        _e->NativeFault = _stubs.AfterFault;
        _e->X87Away = _e->XmmAway = 1;
    }

    public void Execute(Op* op)
    {
        var loaded = HostUnits.None;
        while (op != null)
        {
            if (op->Native >= _first)
            {
                // Code may be entered in the middle of a block, behind its question for budget and attention.
                var units = op->Needs | loaded;
                if (_e->Budget > BlockBuilder.MaxInstructions && _e->Poll == 0
                    && (units == HostUnits.None || _units.TryLoad(&_e->Cpu, units)))
                {
                    if ((_e->Mode & ModeBits.Window) != 0)
                        _processor.Windows!.Select();
                    op = units == HostUnits.None ? _stubs.Enter(&_e->Cpu, op->Native) : EnterWithUnits(op, units);
                    loaded = HostUnits.None;
                    if (op == null)
                    {
                        op = InterpretFault();
                        continue;
                    }

                    if (Left is { } left)
                    {
                        // Behind an indirect branch EIP says where it leads.
                        if (op != (Op*)_dispatchPage.Base)
                            _e->Cpu.Eip = op->Eip;
                        left((nint)op);
                    }

                    // Left for want of a unit: once more, with those that were there and the one that was not.
                    if (op->Native >= _first && (op->Needs & ~units) != 0)
                    {
                        loaded = units;
                        continue;
                    }
                }
            }

            loaded = HostUnits.None;

            if (op->Native == _cold && ++((Block*)op - 1)->Heat >= _hotAfter)
            {
                if (!TryTranslate(op))
                    return;
                continue;
            }

            op = op->Run(&_e->Cpu, op);
        }
    }

    public void Cleared(bool givesBack)
    {
        (_mostWarm, _mostCold) = givesBack ? (0, 0)
            : (Math.Max(_mostWarm, _writer.Position), Math.Max(_mostCold, _writer.ColdPosition - _writer.FirstCold));
        _writer.Position = _stubs.End;
        _writer.ColdPosition = _writer.FirstCold;
        if (givesBack)
            _code.GiveBack(_stubs.End, _code.Length);
        _places.Clear(givesBack);
        _links.Clear(givesBack);
        _inspector?.Cleared();
    }

    public void Linked(Op* link, Op* head, bool isCrossing) => _links.Linked(link, head, isCrossing);

    public void Forgetting(Block* block)
    {
        _inspector?.Forgetting(block);
        _links.Forget(block);
    }

    public void SupervisorEpochEnded() => _links.EndEpoch();

    public void Dispose()
    {
        if (TakesFaults)
            FaultHandler.Remove(_first);
        _stubs.Dispose();
        _units.Dispose();
        _dispatchPage.Dispose();
        _code.Dispose();
    }

    /// <summary>An access of emitted code has faulted: the interpreter does what the operation says, which sets whatever bits it sets and
    /// raises what it raises, and then the page may be mapped.</summary>
    private Op* InterpretFault()
    {
        Faults++;
        nint address = _e->FaultAddress;
        bool write = (_e->FaultAccess & (ulong)AccessKind.Write) != 0;
        bool unaligned = (_e->FaultAccess & UserAccess) == 0; // not a page fault: #GP, and the address means nothing
        if (_places.Find((uint)(_e->FaultPlace - _writer.AddressOf(0))) is not { } place)
            throw new InvalidOperationException($"emitted code has faulted where it should not, at {_e->FaultPlace:x}");
        _e->Budget -= place.Spent;
        if (place.AdjustDirty)
            Flags.ClearAdjust(&_e->Cpu);
        if (place.Pointer is { } last)
            X87Stack.InstructionPointer(&_e->Cpu) = last;
        var op = (Op*)place.Op;
        bool user = (_e->Mode & ModeBits.User) != 0;
        uint generation = _processor.Blocks.Generation;
        op = op->Run(&_e->Cpu, op);
        if (unaligned)
            return op;
        if (user)
            _processor.Windows!.Faulted(address, write);
        else if (!_processor.Kernel!.TryMap(address, write) && generation == _processor.Blocks.Generation)
            AskTlb((Block*)place.Block);
        return op;
    }

    /// <summary>A block of the kernel's has reached what its window does not have: translates it again, with the soft TLB.</summary>
    private void AskTlb(Block* block)
    {
        var head = Block.Head(block);
        bool any = false;
        for (uint i = 0; i < block->Ops; i++)
            any |= head[i].Native >= _first;
        if (!any || block->AsksTlb || !HasRoom(block))
            return;
        block->AsksTlb = true;
        _inspector?.Forgetting(block);
        _links.Replace(head);
        for (uint i = 0; i < block->Ops; i++)
        {
            if (head[i].Native >= _first)
                head[i].Native = _stubs.Leave;
        }

        Translate(block);
    }

    private Op* EnterWithUnits(Op* op, HostUnits units)
    {
        op = _stubs.EnterWithUnits(&_e->Cpu, op->Native);
        _units.Save(&_e->Cpu, units);
        return op;
    }

    /// <summary>False if everything had to be forgotten for want of room; EIP says where to go on.</summary>
    private bool TryTranslate(Op* head)
    {
        var block = (Block*)head - 1;
        if (!HasRoom(block))
        {
            _e->Cpu.Eip = head->Eip;
            _processor.Blocks.Clear();
            return false;
        }

        head->Native = _stubs.Leave;
        Translate(block);
        return true;
    }

    private bool HasRoom(Block* block)
    {
        uint most = block->Ops + 1u + BlockTranslator.MostCopied;
        return _writer.Room >= most * BlockTranslator.MostBytes && _writer.ColdRoom >= most * BlockTranslator.MostColdBytes;
    }

    private void Translate(Block* block)
    {
        uint start = _writer.Position, cold = _writer.ColdPosition;
        if (!_translator.Translate(block))
            return;
        _inspector?.Inspect(block, start, cold);
        _links.Translated(Block.Head(block));
        Translated++;
    }

    /// <summary>The handler of the operation to which an indirect branch leaves whose destination the table did not have.</summary>
    private static Op* Dispatch(CpuState* c, Op* op) =>
        EngineState.Of(c)->Budget > 0 & EngineState.Of(c)->Poll == 0 ? Processor.Of(c).Blocks.Find(c->Eip) : null;
}
