// A file that the program will use, and what for. A log that is also the Guest's disk, under another name, would destroy the disk; so all
// uses are compared before the first file is opened.

namespace Lguest.Launcher.Paths;

/// <summary>One setting and the file that it names.</summary>
/// <param name="Setting">The setting as the user wrote it, for example <c>--log=d.img</c>.</param>
/// <param name="Path">The file.</param>
/// <param name="Kind">What is done with it.</param>
internal sealed record FileUse(string Setting, string Path, FileUseKind Kind)
{
    public static FileUse Read(string setting, string path) => new(setting, path, FileUseKind.Input);

    public static FileUse Loaded(string setting, string path) => new(setting, path, FileUseKind.Loaded);

    public static FileUse Folder(string setting, string path) => new(setting, path, FileUseKind.Folder);

    public static FileUse Written(string setting, string path) => new(setting, path, FileUseKind.Output);

    public static FileUse Shared(string setting, string path) => new(setting, path, FileUseKind.Shared);
}

/// <summary>What is done with a file.</summary>
internal enum FileUseKind
{
    /// <summary>It is what the run is made of; a disk that the Guest may write is its own, and among these.</summary>
    Input,

    /// <summary>It is read as a whole before the Guest runs, and not again.</summary>
    Loaded,

    /// <summary>A folder in which a Guest may write, and so put one file in another's place.</summary>
    Folder,

    /// <summary>It is written anew or appended to, and by nobody else.</summary>
    Output,

    /// <summary>It is written by all who use it like this.</summary>
    Shared,
}
