// Files that are useful only while the process lives. They are deleted when it ends, in order or not.

using Lguest.Net.Files;

namespace Lguest.Devices.Files;

/// <summary>A file or a folder that is deleted when this is disposed, or else when the process ends.</summary>
internal sealed class Leftover : IDisposable
{
    private readonly string _path;
    private int _isGone;

    public Leftover(string path)
    {
        _path = path;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Delete();
    }

    /// <summary>It is to stay after all.</summary>
    public void Keep()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Interlocked.Exchange(ref _isGone, 1);
    }

    private void OnExit(object? sender, EventArgs arguments) => Delete();

    private void Delete()
    {
        if (Interlocked.Exchange(ref _isGone, 1) != 0)
            return;
        try
        {
            if (Directory.Exists(_path))
                Directory.Delete(_path, recursive: true);
            else
                File.Delete(_path);
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            // It stays. The next run makes it afresh.
        }
    }
}
