// Our side of the comparison: one processor of the core in the same circumstances as a Linux process, that is ring 3, flat segments, paging
// with no-execute, the kernel's descriptor table, the same pages at the same addresses. Every gate leads to ring 0 and so to us.
using System.Runtime.InteropServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Native;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Runs cases on <see cref="Processor"/>.</summary>
internal sealed unsafe class CoreRunner : ICaseRunner, IMachine, IDisposable
{
    private const uint Tables = 0x1000; // physical: page directory pointers, then directories, then page tables
    private const uint Directories = 0x2000;
    private const uint FirstPageTable = 0x6000;
    private const uint DataFrame = 0x1_0000;
    private const uint CodeFrame = 0x1_4000;
    private const uint LandingFrame = 0x1_6000;
    private const uint SystemFrame = 0x1_8000;
    private const uint RamBytes = 0x2_0000;

    /// <summary>Linear address of the descriptor tables, for ring 0 only.</summary>
    private const uint SystemLinear = 0xf000_0000;
    private const uint GdtOffset = 0;
    private const uint GdtLimit = (16 * 8) - 1;
    private const uint IdtOffset = 0x1000;
    private const uint IdtLimit = (256 * 8) - 1;

    private const ulong PagePresent = 1;
    private const ulong PageWritable = 2;
    private const ulong PageUser = 4;
    private const ulong PageNoExecute = 1UL << 63;
    private const uint NoExecuteEnable = 1u << 11;
    private const byte Breakpoint = 0xcc;

    /// <summary>Far more than any case needs, were it not for those that go astray.</summary>
    private const long Budget = 200_000;

    private readonly GuestMemory _memory;
    private readonly Processor _processor;
    private uint _nextPageTable = FirstPageTable;
    private int _trap;
    private uint _error;
    private bool _trapped;

    public CoreRunner(EngineKind engine = EngineKind.Interpreter, TranslatorSettings? settings = null)
    {
        _memory = new GuestMemory(RamBytes);
        _processor = new Processor(_memory, this, engine, settings) { HostOwnsRing0 = true };
        MapPages(Sandbox.Data, DataFrame, 2, PageUser | PageWritable | PageNoExecute);
        MapPages(Sandbox.ReadOnly, DataFrame + Sandbox.WritableSize, 1, PageUser | PageNoExecute);
        MapPages(Sandbox.Code, CodeFrame, 2, PageUser | PageWritable);
        MapPages(Sandbox.Landing, LandingFrame, 1, PageUser);
        MapPages(SystemLinear, SystemFrame, 2, PageWritable | PageNoExecute);
        WriteDescriptors();
        Bytes(CodeFrame, Sandbox.CodeSize).Fill(Breakpoint);
        ReadOnlySpan<byte> undefined = [0x0f, 0x0b];
        undefined.CopyTo(Bytes(LandingFrame, 2));

        var c = _processor.State;
        c->Cr3 = Tables;
        c->Cr4 |= ControlRegisters.Cr4PhysicalAddressExtension;
        c->Efer |= NoExecuteEnable;
        c->Cr0 |= ControlRegisters.Cr0Paging | ControlRegisters.Cr0WriteProtect | ControlRegisters.Cr0AlignmentMask;
        c->GdtBase = SystemLinear + GdtOffset;
        c->GdtLimit = GdtLimit;
        c->IdtBase = SystemLinear + IdtOffset;
        c->IdtLimit = IdtLimit;
        _processor.RefreshMode();
        _processor.FlushTlb();
    }

    /// <summary>The processor, for those who want to look at what a case left behind.</summary>
    public Processor Processor => _processor;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> image, ReadOnlySpan<TestCase> cases, Span<TestOutcome> outcomes)
    {
        image.CopyTo(Bytes(DataFrame, Sandbox.ImageSize));
        for (int i = 0; i < cases.Length; i++)
            RunCase(image, in cases[i], ref outcomes[i]);
    }

    public void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        _trapped = true;
        _trap = vector;
        _error = errorCode;
        processor.Stop();
    }

    public void Poll(Processor processor)
    {
        // The processor has forgotten code that was overwritten; nothing else ever asks.
    }

    public bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address) => true;

    public ulong ReadTimeStamp(Processor processor) => processor.Instructions;

    public void Dispose()
    {
        _processor.Dispose();
        _memory.Dispose();
    }

    private void RunCase(ReadOnlySpan<byte> image, in TestCase given, ref TestOutcome outcome)
    {
        fixed (TestCase* question = &given)
        {
            new ReadOnlySpan<byte>(question->Patch, (int)given.PatchLength)
                .CopyTo(Bytes(DataFrame + given.PatchAddress - Sandbox.Data, given.PatchLength));
            var code = new GuestPhysical(CodeFrame + given.CodeAddress - Sandbox.Code);
            _memory.TryWrite(code, new ReadOnlySpan<byte>(question->Code, (int)given.CodeLength)).ShouldBeTrue();
            LoadState(question);
            _trapped = false;
            _processor.Run(Budget);
            StoreState(question, ref outcome);
            Bytes(code.Value, given.CodeLength).Fill(Breakpoint);
            _memory.Written(code, given.CodeLength);
        }
        CollectChanges(image, ref outcome);
    }

    private void LoadState(TestCase* given)
    {
        var c = _processor.State;
        for (int i = 0; i < 8; i++) c->Gpr[i] = given->Gpr[i];
        c->Eip = given->CodeAddress;
        c->Cr2 = 0;
        c->Shadow = 0;
        _processor.SetFlatSegment(SegmentRegister.Cs, Sandbox.CodeSelector, code: true, dpl: 3);
        _processor.SetFlatSegment(SegmentRegister.Ss, Sandbox.FlatSelector, code: false, dpl: 3);
        LoadSegment(SegmentRegister.Ds, given->Ds);
        LoadSegment(SegmentRegister.Es, given->Es);
        LoadSegment(SegmentRegister.Fs, given->Fs);
        LoadSegment(SegmentRegister.Gs, given->Gs);
        c->Cpl = 3;
        _processor.Eflags = given->Eflags;
        if (given->Options.HasFlag(CaseOptions.Fx)) LoadFx(new ReadOnlySpan<byte>(given->Fx, 512));
    }

    private void LoadSegment(SegmentRegister register, ushort selector)
    {
        if (selector == Sandbox.FlatSelector)
        {
            _processor.SetFlatSegment(register, selector, code: false, dpl: 3);
            return;
        }
        const ushort data = SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Accessed | SegmentCache.Big | (3 << 5);
        var cache = selector switch
        {
            Sandbox.LimitedSelector => new SegmentCache
            {
                Base = Sandbox.LimitedBase,
                Limit = Sandbox.LimitedLimit,
                Attributes = data
                | SegmentCache.Writable
            },
            Sandbox.ExpandDownSelector => new SegmentCache
            {
                Base = Sandbox.ExpandDownBase,
                Limit = Sandbox.ExpandDownLimit,
                Attributes = data | SegmentCache.Writable | SegmentCache.ExpandDown
            },
            Sandbox.ReadOnlySelector => new SegmentCache { Limit = uint.MaxValue, Attributes = data | SegmentCache.Granular },
            _ => default,
        };
        cache.Selector = selector;
        cache.UpdateRights();
        *Segment(register) = cache;
    }

    private SegmentCache* Segment(SegmentRegister register) => &_processor.State->Es + (int)register;

    /// <summary>The core keeps x87 registers in physical order, FXSAVE in stack order.</summary>
    private void LoadFx(ReadOnlySpan<byte> image)
    {
        var fx = new Span<byte>((byte*)&_processor.State->Fx, 512);
        image.CopyTo(fx);
        int top = StackTop(image);
        for (int i = 0; i < 8; i++) image.Slice(32 + (16 * i), 16).CopyTo(fx[(32 + (16 * ((top + i) & 7)))..]);
    }

    private void StoreFx(Span<byte> image)
    {
        var fx = new ReadOnlySpan<byte>((byte*)&_processor.State->Fx, 512);
        fx.CopyTo(image);
        int top = StackTop(fx);
        for (int i = 0; i < 8; i++) fx.Slice(32 + (16 * ((top + i) & 7)), 16).CopyTo(image[(32 + (16 * i))..]);
    }

    private static int StackTop(ReadOnlySpan<byte> image) => (image[3] >> 3) & 7;

    private void StoreState(TestCase* given, ref TestOutcome outcome)
    {
        var c = _processor.State;
        for (int i = 0; i < 8; i++) outcome.Gpr[i] = c->Gpr[i];
        outcome.Eflags = _processor.Eflags;
        outcome.Ds = c->Ds.Selector;
        outcome.Es = c->Es.Selector;
        outcome.Fs = c->Fs.Selector;
        outcome.Gs = c->Gs.Selector;
        outcome.Cs = c->Cs.Selector;
        outcome.Ss = c->Ss.Selector;
        bool landed = _trapped && _trap == Vectors.InvalidOpcode && c->Eip == Sandbox.Landing;
        outcome.Trap = !_trapped ? TestOutcomeLayout.Astray : landed ? TestOutcomeLayout.Landed : _trap;
        outcome.Error = landed ? 0 : _error;
        outcome.Eip = landed ? Sandbox.Landing : c->Eip;
        outcome.Cr2 = c->Cr2;
        if (!given->Options.HasFlag(CaseOptions.Fx)) return;
        fixed (byte* fx = outcome.Fx) StoreFx(new Span<byte>(fx, 512));
    }

    private void CollectChanges(ReadOnlySpan<byte> image, ref TestOutcome outcome)
    {
        var now = Bytes(DataFrame, Sandbox.WritableSize);
        outcome.ChunkCount = 0;
        for (int at = 0; at < now.Length;)
        {
            at += now[at..].CommonPrefixLength(image[at..]) & ~(Sandbox.ChunkSize - 1);
            if (at >= now.Length) break;
            var chunk = now.Slice(at, Sandbox.ChunkSize);
            if (outcome.ChunkCount < TestOutcomeLayout.ChunkCapacity)
            {
                outcome.ChunkIndex[outcome.ChunkCount] = (uint)(at / Sandbox.ChunkSize);
                for (int i = 0; i < Sandbox.ChunkSize; i++) outcome.Chunks[(outcome.ChunkCount * Sandbox.ChunkSize) + i] = chunk[i];
            }
            outcome.ChunkCount++;
            image.Slice(at, Sandbox.ChunkSize).CopyTo(chunk);
            at += Sandbox.ChunkSize;
        }
    }

    private Span<byte> Bytes(uint physical, uint length) => new(_memory.Base + physical, (int)length);

    private void MapPages(uint linear, uint physical, int pages, ulong rights)
    {
        uint directory = Directories + ((linear >> 30) * Sandbox.PageSize);
        Entry(Tables + ((linear >> 30) * 8)) = directory | PagePresent;
        for (uint i = 0; i < pages; i++)
        {
            uint at = linear + (i * Sandbox.PageSize);
            ref ulong table = ref Entry(directory + (((at >> 21) & 0x1ff) * 8));
            if (table == 0)
            {
                table = _nextPageTable | PagePresent | PageWritable | PageUser;
                _nextPageTable += Sandbox.PageSize;
            }
            Entry((uint)(table & 0xffff_f000) + (((at >> 12) & 0x1ff) * 8)) = (physical + (i * Sandbox.PageSize)) | PagePresent | rights;
        }
    }

    private ref ulong Entry(uint physical) => ref MemoryMarshal.AsRef<ulong>(Bytes(physical, 8));

    /// <summary>The descriptors that a Linux process finds: the kernel's and its own code and data, three TLS segments.</summary>
    private void WriteDescriptors()
    {
        const ulong flatKernelCode32 = 0x00cf_9b00_0000_ffff;
        const ulong flatKernelCode64 = 0x00af_9b00_0000_ffff;
        const ulong flatKernelData = 0x00cf_9300_0000_ffff;
        const ulong flatUserCode32 = 0x00cf_fb00_0000_ffff;
        const ulong flatUserData = 0x00cf_f300_0000_ffff;
        const ulong flatUserCode64 = 0x00af_fb00_0000_ffff;
        ReadOnlySpan<ulong> flat = [0, flatKernelCode32, flatKernelCode64, flatKernelData, flatUserCode32, flatUserData, flatUserCode64];
        for (int i = 0; i < flat.Length; i++) Entry(SystemFrame + GdtOffset + (8 * (uint)i)) = flat[i];
        WriteTls(Sandbox.LimitedSelector, Sandbox.LimitedBase, Sandbox.LimitedLimit, 0xf3, 0x4);
        WriteTls(Sandbox.ExpandDownSelector, Sandbox.ExpandDownBase, Sandbox.ExpandDownLimit, 0xf7, 0x4);
        WriteTls(Sandbox.ReadOnlySelector, 0, 0xf_ffff, 0xf1, 0xc);

        for (uint vector = 0; vector < 256; vector++)
        {
            uint dpl = vector is 3 or 4 ? 3u : 0;
            Entry(SystemFrame + IdtOffset + (8 * vector)) = (0x8e00UL | (dpl << 13)) << 32 | 0x0008_0000;
        }
    }

    private void WriteTls(ushort selector, uint start, uint limit, byte access, byte flags) =>
        Entry(SystemFrame + GdtOffset + (selector & ~7u)) = (limit & 0xffff) | ((ulong)(start & 0xff_ffff) << 16) | ((ulong)access << 40)
            | ((ulong)((limit >> 16) & 0xf) << 48) | ((ulong)flags << 52) | ((ulong)(start >> 24) << 56);
}
