// What a Guest has given a number to: a file of the folder, and perhaps that it is open.

namespace Lguest.Devices.Share;

/// <summary>One fid of a session.</summary>
internal sealed class Fid(uint number)
{
    public uint Number => number;

    /// <summary>The file; null while the request that makes the fid is under way.</summary>
    public SharedFile? File { get; set; }

    /// <summary>What came of opening it; null if it is not open.</summary>
    public OpenedFile? Opened { get; set; }

    /// <summary>Whether a request is under way that changes what it stands for.</summary>
    public bool IsChanging { get; set; }
}
