// A file descriptor of the host that is closed once, and not while a call uses it: the runtime's handles count their uses.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lguest.Devices.Share;

/// <summary>An open file descriptor.</summary>
internal sealed partial class Descriptor : SafeHandle
{
    // The runtime makes the handle before the call that fills it.
    public Descriptor()
        : base(-1, ownsHandle: true)
    {
    }

    /// <summary>A call that has failed says -1 in 32 bits; what stands above them is chance.</summary>
    public override bool IsInvalid => (int)handle < 0;

    /// <summary>The name under which the system has the open file itself, whatever has become of its own names. Valid while the descriptor
    /// is held.</summary>
    public byte[] OwnName => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)handle}\0"));

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
