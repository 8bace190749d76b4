// Faults of emitted code: what the host's processor refuses becomes a way out to the interpreter, and everything else goes to .NET.
//
//J:Translator:139 Faults beside .NET
// An access that a window does not have is a fault of the host's processor, and Linux makes it a signal. .NET has a handler for that
// signal: a null reference in C# ends there. So ours looks first whether the instruction lies in code that was emitted for a Guest. If not,
// it jumps to .NET's handler, with everything as it came; that one cannot know that it was not called directly. If so, it notes three
// numbers (where the code was, what address, what kind of access) in the state of the processor, which R14 holds wherever emitted code is,
// and lets the interrupted code go on somewhere else: at a stub that leaves as always. C# finds the operation by the place, interprets it,
// which raises the Guest's own page fault or sets a dirty bit or whatever else is due, and maps the page if it can be mapped now.
//
// The handler is machine code itself. It may interrupt a thread anywhere, holding any lock, in the middle of a garbage collection; nothing
// in C# can run there. It takes no lock, calls nothing, and touches no stack but its own frame.
using System.Runtime.InteropServices;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Windows;

/// <summary>The process's handler of SIGSEGV, and the list of the code that it is for.</summary>
internal static unsafe partial class FaultHandler
{
    /// <summary>Pieces of code that may be listed at a time: as many processors of Guests.</summary>
    private const int Most = 4096;

    private const int Segv = 11;
    private const int ActionBytes = 152;
    private const int FlagsAt = 136;
    private const int SigInfo = 4;

    /// <summary>A piece is one word, so that the handler never sees half of one: its first page above these bits, and how many below
    /// them.</summary>
    private const int CountBits = 28;

    private static readonly Lock _lock = new();
    private static CodeMemory? _code;
    private static string? _problem;
    private static ulong* _pieces;

    /// <summary>Installs the handler, once in a process. Null, or why there is none.</summary>
    public static string? Install()
    {
        lock (_lock)
        {
            if (_code is null && _problem is null)
                _problem = Problem();
            return _problem;
        }
    }

    /// <summary>From now on faults in this code are taken there. False if there is no room for more.</summary>
    /// <param name="code">Page aligned.</param>
    /// <param name="length">Bytes, whole pages.</param>
    public static bool TryAdd(nint code, uint length)
    {
        lock (_lock)
        {
            ulong piece = ((ulong)code >> GuestMemory.PageShift << CountBits) | (length >> GuestMemory.PageShift);
            ulong* count = _pieces - 1;
            for (ulong i = 0; i < Most; i++)
            {
                if (i < *count && _pieces[i] != 0)
                    continue;
                Volatile.Write(ref _pieces[i], piece);
                if (i == *count)
                    Volatile.Write(ref *count, i + 1);
                return true;
            }

            return false;
        }
    }

    /// <summary>No thread is in this code any more.</summary>
    public static void Remove(nint code)
    {
        lock (_lock)
        {
            for (ulong i = 0; i < _pieces[-1]; i++)
            {
                if (_pieces[i] >> CountBits == (ulong)code >> GuestMemory.PageShift)
                    Volatile.Write(ref _pieces[i], 0);
            }
        }
    }

    private static string? Problem()
    {
        byte* action = stackalloc byte[ActionBytes];
        if (Action(Segv, null, action) != 0)
            return $"sigaction failed (error {Marshal.GetLastPInvokeError()})";
        nint next = *(nint*)action;
        if (next is 0 or 1 || (*(int*)(action + FlagsAt) & SigInfo) == 0)
            return "nothing handles SIGSEGV here";
        if (CodeMemory.TryMake(16 * (uint)GuestMemory.PageSize, out string why) is not { } code)
            return why;
        _pieces = (ulong*)(code.Writable + GuestMemory.PageSize) + 1;
        CodeWriter writer = new(code);
        Emit(writer, (ulong)(code.Executable + GuestMemory.PageSize), (ulong)next);
        *(nint*)action = (nint)code.Executable;
        if (Action(Segv, action, null) != 0)
        {
            code.Dispose();
            return $"sigaction failed (error {Marshal.GetLastPInvokeError()})";
        }

        _code = code; // for good: the operating system has its address
        return null;
    }

    /// <summary>handler(RDI: signal, RSI: what happened, RDX: the interrupted registers). Where those are: sys/ucontext.h.</summary>
    private static void Emit(CodeWriter w, ulong table, ulong next)
    {
        const int registers = 40;
        const int r14 = registers + (6 * 8), rip = registers + (16 * 8), error = registers + (19 * 8), cr2 = registers + (22 * 8);
        w.Load64(HostRegister.Rax, HostRegister.Rdx, rip);
        w.Bytes(0x48, 0xc1, 0xe8, GuestMemory.PageShift); // shr rax, 12
        w.Set64(HostRegister.R8, table);
        w.Load64(HostRegister.R9, HostRegister.R8, 0);
        uint again = w.Position;
        w.Bytes(0x49, 0x83, 0xe9, 1); // sub r9, 1
        uint none = w.JumpForwardIf(8); // js
        w.LoadIndexed(true, HostRegister.R10, HostRegister.R8, HostRegister.R9, 3, sizeof(ulong));
        w.Move64(HostRegister.R11, HostRegister.R10);
        w.Bytes(0x49, 0xc1, 0xeb, CountBits); // shr r11, CountBits: its first page
        w.Bytes(0x41, 0x81, 0xe2); // and r10d, ...: its pages
        w.Word32((1u << CountBits) - 1);
        w.Move64(HostRegister.Rcx, HostRegister.Rax);
        w.Bytes(0x4c, 0x29, 0xd9); // sub rcx, r11
        w.Bytes(0x4c, 0x39, 0xd1); // cmp rcx, r10
        w.Resolve(w.JumpForwardIf(3), again); // jae
        w.Load64(HostRegister.Rax, HostRegister.Rdx, r14);
        Copy(rip, StateOffsets.FaultPlace);
        Copy(cr2, StateOffsets.FaultAddress);
        Copy(error, StateOffsets.FaultAccess);
        w.Load64(HostRegister.Rcx, HostRegister.Rax, StateOffsets.NativeFault);
        w.Store64(HostRegister.Rcx, HostRegister.Rdx, rip);
        w.Byte(0xc3);
        w.Resolve(none);
        w.Set64(HostRegister.Rax, next);
        w.JumpTo(HostRegister.Rax);

        void Copy(int from, int to)
        {
            w.Load64(HostRegister.Rcx, HostRegister.Rdx, from);
            w.Store64(HostRegister.Rcx, HostRegister.Rax, to);
        }
    }

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int Action(int signal, byte* set, byte* old);
}
