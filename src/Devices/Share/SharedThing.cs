// What a fid stands for may be used by several requests at once, and be given up while they are under way. So uses are counted, and what
// the host has for it is given back with the last.

namespace Lguest.Devices.Share;

/// <summary>Something with counted uses; who makes it has the first. Any thread.</summary>
internal abstract class SharedThing : IDisposable
{
    private int _uses = 1;

    /// <summary>One use more, to be disposed once more.</summary>
    public void Use() => Interlocked.Increment(ref _uses);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            Release();
    }

    /// <summary>The last use is over.</summary>
    protected abstract void Release();
}

/// <summary>A file, folder or anything else that has a name in the folder.</summary>
internal abstract class SharedFile : SharedThing;

/// <summary>A file or folder that was opened.</summary>
internal abstract class OpenedFile : SharedThing;
