// The devices that the classic launcher syntax can ask for, as a closed set.

using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Launcher;

/// <summary>One device option of the command line.</summary>
internal abstract record DeviceOption
{
    private DeviceOption()
    {
    }

    /// <summary>The hardware address that its user asks for; null for none.</summary>
    public virtual MacAddress? Asked => null;

    /// <summary><c>--block=FILE</c>: a virtio disk whose bytes are those of the file; read-only where the file is.</summary>
    internal sealed record Block(string Path) : DeviceOption
    {
        /// <summary>The file that takes what the Guest writes, so that <see cref="Path"/> stays as it is; null for none.</summary>
        public string? Layer { get; init; }

        /// <summary>Whether the layer is gone on with at the next start, and not thrown away at the end of this one.</summary>
        public bool KeepLayer { get; init; }
    }

    /// <summary>A virtio network card on a virtual network.</summary>
    /// <param name="Lan">The network's name; who starts the Guest knows which networks there are.</param>
    /// <param name="Mac">Its address; null makes one out of the names of Guest and card.</param>
    internal sealed record Net(string Lan, MacAddress? Mac = null) : DeviceOption
    {
        /// <summary>The port that it is plugged into: its cable and its capture file; null for a perfect one.</summary>
        public PortSettings? Port { get; init; }

        /// <summary>That of its network.</summary>
        public int Mtu { get; init; } = Frame.OrdinaryMtu;

        /// <summary>Whether <see cref="Mac"/> is only what it has if nobody objects: a Guest of generation 1 makes one of its
        /// own.</summary>
        public bool IsMacMade { get; init; }

        public override MacAddress? Asked => IsMacMade ? null : Mac;
    }

    /// <summary>A card of generation 1 on a page that Guests share: its frames go from Guest to Guest by DMA, without a lan.</summary>
    /// <param name="Page">The page's name; Guests that name the same one share it, on whatever nodes they are.</param>
    /// <param name="Slot">The Guest's own slot in it, 0 to 681; no two Guests of a page may have the same.</param>
    internal sealed record SharedNet(string Page, int Slot) : DeviceOption
    {
        /// <summary>The slot is found out from the file that the page is named for, as the Guest starts.</summary>
        public const int AnySlot = -1;

        /// <summary>The address that the Guest is to make of its number; null for any.</summary>
        public MacAddress? Mac { get; init; }

        public override MacAddress? Asked => Mac;

        /// <summary>File that gets what the Guest sends and receives by the page; null for none.</summary>
        public string? Pcap { get; init; }

        /// <summary>File that gets everything that is sent by the page on this node; null for none.</summary>
        public string? PagePcap { get; init; }
    }

    /// <summary><c>--share=[TAG=]DIR[:ro]</c>: a folder of the host, by virtio 9P.</summary>
    /// <param name="Folder">Where it is.</param>
    /// <param name="Tag">The name by which the Guest mounts it; no two of a Guest have the same.</param>
    internal sealed record Share(string Folder, string Tag) : DeviceOption
    {
        /// <summary>Longest tag.</summary>
        public const int LongestTag = 31;

        private const string ReadOnlyWord = ":ro";

        /// <summary>Whether the Guest may only read it.</summary>
        public bool IsReadOnly { get; init; }

        /// <summary>Reads what was written for a folder. Where no tag is named, it is the folder's name.</summary>
        /// <param name="text">[TAG=]DIR[:ro]; a = after a slash belongs to the folder.</param>
        /// <returns>Null with <paramref name="problem"/> saying what is wrong.</returns>
        public static Share? Parse(string text, out string problem)
        {
            bool isReadOnly = text.EndsWith(ReadOnlyWord, StringComparison.Ordinal);
            string folder = isReadOnly ? text[..^ReadOnlyWord.Length] : text;
            int sign = folder.IndexOf('=', StringComparison.Ordinal);
            string? tag = sign >= 0 && !folder[..sign].Contains('/', StringComparison.Ordinal) ? folder[..sign] : null;
            folder = tag is null ? folder : folder[(sign + 1)..];
            tag ??= TagOf(folder);
            problem = folder.Length == 0 ? "no folder is named" : ProblemWith(tag) ?? "";
            return problem.Length > 0 ? null : new Share(folder, tag) { IsReadOnly = isReadOnly };
        }

        /// <summary>A tag made of a folder's name.</summary>
        public static string TagOf(string folder)
        {
            string name = folder.Length == 0 || folder.Contains('\0') ? "" : Path.GetFileName(Path.TrimEndingDirectorySeparator(
                Path.GetFullPath(folder)));
            string tag = string.Concat(name.Select(letter => IsOfTag(letter) ? letter : '_')).TrimStart('.', '-');
            return tag.Length == 0 ? "share" : tag[..Math.Min(tag.Length, LongestTag)];
        }

        /// <summary>What is wrong with a tag; null for nothing. It becomes the name of a folder in the Guest.</summary>
        public static string? ProblemWith(string tag) =>
            tag.Length is 0 or > LongestTag || tag[0] is '.' or '-' || !tag.All(IsOfTag)
                ? $"a tag has 1 to {LongestTag} letters, digits and ._- and begins with none of .-" : null;

        private static bool IsOfTag(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-';
    }

    /// <summary><c>--rng</c>: a virtio entropy source fed by the host's random numbers.</summary>
    internal sealed record Rng : DeviceOption
    {
        /// <summary>Whether a Guest whose kernel has no driver for it goes without; else it is refused.</summary>
        public bool IsOptional { get; init; }
    }
}
