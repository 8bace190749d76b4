// Reads the folders that a Guest of a topology has of its node: a word as on the command line, or a section.

using System.Collections.Immutable;
using Lguest.Launcher;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>Reads the setting <c>shares</c> of a Guest.</summary>
internal sealed class ShareReader(
    Func<string, string, string, Setting.Section, SectionReader> layers, PlaceMap places, Func<string, bool> exists)
{
    /// <exception cref="MisconfiguredException">A folder is not there, or two have one tag.</exception>
    public ImmutableArray<ShareDefinition> Read(SectionReader guest, string name)
    {
        var shares = ImmutableArray.CreateBuilder<ShareDefinition>();
        foreach (var (value, path) in guest.Items("shares"))
        {
            var place = places.Value(path);
            var section = value switch
            {
                Setting.Section whole => whole,
                Setting.Text text => Section(text.Value.Replace(GuestDefinition.NameWord, name, StringComparison.Ordinal), place),
                _ => throw new MisconfiguredException(place,
                    "a share must be a folder such as data or data:ro, or a section such as { folder = data, read-only = on }"),
            };
            var reader = layers($"share {shares.Count + 1} of '{name}'", "share", path, section);
            string named = reader.Text("folder").Replace(GuestDefinition.NameWord, name, StringComparison.Ordinal);
            if (named.Length == 0)
                throw new MisconfiguredException(place, "the share names no folder; write folder = ...");
            string full = reader.Beside("folder", named);
            if (!exists(full + '/'))
                throw new MisconfiguredException(value is Setting.Text ? place : reader.At("folder"),
                    exists(full) ? $"share: {SectionReader.Short(full)} is not a folder; name one"
                    : $"share: there is no folder {SectionReader.Short(full)}; check the path");
            string tag = reader.TextOrNull("tag") ?? DeviceOption.Share.TagOf(full);
            if (DeviceOption.Share.ProblemWith(tag) is { } problem)
                throw reader.Wrong("tag", problem);
            if (shares.Any(share => share.Tag == tag))
                throw new MisconfiguredException(place,
                    $"guest '{name}' has two shares with the tag '{tag}'; write {{ folder = ..., tag = {tag}2 }} for one");
            shares.Add(new ShareDefinition(full, tag, reader.Switch("read-only")));
        }

        return shares.ToImmutable();
    }

    /// <summary>What the short form says, as the long one would.</summary>
    private static Setting.Section Section(string text, Place place)
    {
        var share = DeviceOption.Share.Parse(text, out string problem) ?? throw new MisconfiguredException(place, $"share: {problem}");
        return new Setting.Section([new("folder", new Setting.Text(share.Folder)), new("tag", new Setting.Text(share.Tag)),
            new("read-only", new Setting.Text(share.IsReadOnly ? "on" : "off"))]);
    }
}
