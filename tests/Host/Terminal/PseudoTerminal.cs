// A terminal without a screen: the test holds the end where a person would sit, the program under test the other (pty(7)).

using System.Runtime.InteropServices;
using System.Text;

namespace Lguest.Host.Tests.Terminal;

internal sealed partial class PseudoTerminal : IDisposable
{
    public const uint Signals = 1; // ISIG
    public const uint Lines = 2; // ICANON
    public const uint Echo = 8; // ECHO
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000; // or a program would hold the end where somebody sits
    private const int LocalFlags = 12; // c_lflag of Linux's struct termios

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly int _master;
    private readonly StringBuilder _shown = new();
    private int _seen;

    public PseudoTerminal()
    {
        _master = OpenMaster(ReadWrite | NoControllingTerminal | CloseOnExec);
        _master.ShouldBeGreaterThanOrEqualTo(0);
        Grant(_master).ShouldBe(0);
        Unlock(_master).ShouldBe(0);
        byte[] name = new byte[64];
        Name(_master, name, (nuint)name.Length).ShouldBe(0);
        Descriptor = OpenFile(name, ReadWrite | NoControllingTerminal | CloseOnExec);
        Descriptor.ShouldBeGreaterThanOrEqualTo(0);
        Path = Encoding.ASCII.GetString(name).TrimEnd('\0');
    }

    /// <summary>The program's end.</summary>
    public int Descriptor { get; }

    /// <summary>Its name in the file system.</summary>
    public string Path { get; }

    /// <summary>What a shell writes after a command that is to sit at it.</summary>
    public string AllThree => $"<{Path} >{Path} 2>{Path}";

    /// <summary>The whole of its settings.</summary>
    public byte[] Attributes
    {
        get
        {
            byte[] attributes = new byte[256];
            GetAttributes(Descriptor, attributes).ShouldBe(0);
            return attributes;
        }
    }

    /// <summary>What the terminal does with keys by itself: <see cref="Signals"/>, <see cref="Lines"/>, <see cref="Echo"/>.</summary>
    public uint Manners => BitConverter.ToUInt32(Attributes, LocalFlags) & (Signals | Lines | Echo);

    /// <summary>Presses keys.</summary>
    public void Type(string keys)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(keys);
        Write(_master, bytes, (nuint)bytes.Length).ShouldBe(bytes.Length);
    }

    /// <summary>All that was shown and read so far.</summary>
    public string Shown
    {
        get
        {
            lock (_shown)
                return _shown.ToString();
        }
    }

    /// <summary>Reads on until a text has been shown that was not shown before the last call.</summary>
    public void ReadUntil(string wanted)
    {
        var reading = Task.Run(() =>
        {
            int at;
            while ((at = Shown.IndexOf(wanted, _seen, StringComparison.Ordinal)) < 0 && ReadMore())
            {
            }

            _seen = at < 0 ? _seen : at + wanted.Length;
            return at >= 0;
        });
        (reading.Wait(_patience) && reading.Result).ShouldBeTrue($"'{wanted}' was not shown, but: {Shown}");
    }

    /// <summary>Takes what is still shown, so that nobody waits for us, until nobody holds the other end any more.</summary>
    public void KeepReading() => new Thread(() =>
    {
        while (ReadMore())
        {
        }
    })
    { IsBackground = true }.Start();

    private bool ReadMore()
    {
        byte[] bytes = new byte[4096];
        nint count = Read(_master, bytes, (nuint)bytes.Length);
        lock (_shown)
            _shown.Append(Encoding.ASCII.GetString(bytes, 0, (int)Math.Max(0, count)));
        return count > 0;
    }

    public void Dispose()
    {
        _ = CloseDescriptor(Descriptor);
        _ = CloseDescriptor(_master);
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int Name(int master, [Out] byte[] name, nuint length);

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int OpenFile([In] byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, [Out] byte[] bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, [In] byte[] bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] attributes);
}
