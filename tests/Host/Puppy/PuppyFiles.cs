// Files for a Puppy: an initrd as cpio writes it (newc, not compressed), so that no test needs that program.

using System.Text;

namespace Lguest.Host.Tests.Puppy;

internal static class PuppyFiles
{
    /// <param name="members">Paths without the leading slash, and contents.</param>
    public static byte[] Archive(params (string Path, string Content)[] members)
    {
        var archive = new List<byte>();
        void Pad()
        {
            while (archive.Count % 4 != 0)
                archive.Add(0);
        }

        foreach (var (path, content) in members.Append(("TRAILER!!!", "")))
        {
            archive.AddRange(Encoding.ASCII.GetBytes(
                $"070701{1:X8}{0x81A4:X8}{0:X8}{0:X8}{1:X8}{0:X8}{content.Length:X8}"
                + $"{0:X8}{0:X8}{0:X8}{0:X8}{path.Length + 1:X8}{0:X8}{path}\0"));
            Pad();
            archive.AddRange(Encoding.ASCII.GetBytes(content));
            Pad();
        }

        return [.. archive];
    }
}
