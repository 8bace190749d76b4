// Files for an initial RAM disk, in the form that the kernel unpacks ("newc", Documentation/early-userspace/buffer-format.txt).

using System.Globalization;
using System.Text;

namespace Lguest.Bench.Comparing;

/// <summary>Writes executable files of root's into an archive.</summary>
internal sealed class CpioWriter(Stream to)
{
    private const int ExecutableFile = 0x81ed;
    private int _written;
    private int _files;

    public void Add(string name, ReadOnlySpan<byte> content) => Add(name, content, ExecutableFile);

    public void End() => Add("TRAILER!!!", [], 0);

    private void Add(string name, ReadOnlySpan<byte> content, int mode)
    {
        // Inode, mode, owner, group, links, time, size, four device numbers, length of the name with its 0, no checksum.
        int[] fields = [++_files, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length + 1, 0];
        var header = new StringBuilder("070701");
        foreach (int field in fields)
            header.Append(field.ToString("X8", CultureInfo.InvariantCulture));
        Write(Encoding.ASCII.GetBytes($"{header}{name}\0"));
        Write(content);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        to.Write(bytes);
        _written += bytes.Length;
        for (; _written % 4 != 0; _written++)
            to.WriteByte(0);
    }
}
