// One module of the kernel, as far as it has to be understood here: what it needs, what it stands for, and where the signature is that a
// Guest would spend 23 million instructions on (PC board sheet 4.6). The board's own kernel came from the same package; nothing is gained.

using System.Buffers.Binary;
using System.Text;

namespace Lguest.Linux.Root;

/// <summary>A .ko file.</summary>
/// <param name="Path">Below /lib/modules/RELEASE.</param>
/// <param name="Content">The file, without its signature.</param>
internal sealed record KernelModule(string Path, ReadOnlyMemory<byte> Content)
{
    private const int SignatureInfoBytes = 12;

    /// <summary>Its name, in which - and _ are the same.</summary>
    public string Name => NameOf(Path);

    /// <summary>Names of the modules that it cannot be loaded without.</summary>
    public IReadOnlyList<string> Needs =>
        [.. Values("depends=").SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(NameOf)];

    /// <summary>What a kernel may ask for and mean this module.</summary>
    public IReadOnlyList<string> Aliases => [.. Values("alias=")];

    private static ReadOnlySpan<byte> SignatureEnd => "~Module signature appended~\n"u8;

    /// <summary>The name of a module by its file's name.</summary>
    public static string NameOf(string path) => System.IO.Path.GetFileName(path).Split('.')[0].Replace('-', '_');

    /// <summary>The bytes of a module without the signature at their end.</summary>
    public static ReadOnlyMemory<byte> WithoutSignature(ReadOnlyMemory<byte> file)
    {
        if (!file.Span.EndsWith(SignatureEnd) || file.Length < SignatureEnd.Length + SignatureInfoBytes)
            return file;
        int end = file.Length - SignatureEnd.Length;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(file.Span[(end - 4)..]);
        return length <= (uint)(end - SignatureInfoBytes) ? file[..(end - SignatureInfoBytes - (int)length)] : file;
    }

    /// <summary>The values of one key in .modinfo, whose lines end with a NUL.</summary>
    private IEnumerable<string> Values(string key)
    {
        byte[] wanted = Encoding.ASCII.GetBytes("\0" + key);
        int from = 0;
        while (from < Content.Length)
        {
            int at = Content.Span[from..].IndexOf(wanted);
            if (at < 0)
                yield break;
            from += at + wanted.Length;
            int length = Content.Span[from..].IndexOf((byte)0);
            if (length < 0)
                yield break;
            yield return Encoding.UTF8.GetString(Content.Span.Slice(from, length));
        }
    }
}
