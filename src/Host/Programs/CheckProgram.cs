// The check of a topology as a program: one line if there is an error, a drawing if not.

using Lguest.Devices;
using Lguest.Launcher.Paths;
using Lguest.Net.Files;
using Lguest.Topology;
using Lguest.Topology.Actors;
using Lguest.Topology.Drawing;
using Lguest.Topology.Hocon;

namespace Lguest.Host.Programs;

/// <summary>What <c>lguest check</c> does.</summary>
internal static class CheckProgram
{
    private const int InOrder = 0;
    private const int BadConfiguration = 2;

    /// <param name="file">The topology.</param>
    /// <param name="picture">Where an SVG picture of it goes; null for none.</param>
    /// <param name="output">Takes the drawing.</param>
    /// <param name="error">Takes the line that says what is wrong.</param>
    /// <returns>0, or 2 if something is wrong.</returns>
    public static int Run(string file, string? picture, TextWriter output, TextWriter error)
    {
        try
        {
            var read = TopologyFile.Read(file, filesAreHere: true);
            var topology = read.Topology;
            CheckFiles(read, picture);
            output.Write(TextDrawing.Draw(topology));
            if (picture is not null)
                WritePicture(picture, SvgDrawing.Draw(topology));
            return InOrder;
        }
        catch (Exception problem) when (problem is MisconfiguredException or RefusedException)
        {
            error.WriteLine($"lguest: {problem.Message}");
            return BadConfiguration;
        }
    }

    /// <summary>Nodes may be on machines of their own, so each has to do by itself.</summary>
    private static void CheckFiles(TopologyFile file, string? picture)
    {
        IEnumerable<FileUse> drawn = picture is null ? [] : [FileUse.Written($"--svg={picture}", picture)];
        foreach (var node in file.Topology.Nodes)
            if (FileUses.Conflict([.. TopologyFiles.Uses(file.Topology, file.Sources, [node], log: null), .. drawn]) is { } conflict)
                throw new RefusedException(conflict);
    }

    private static void WritePicture(string path, string svg)
    {
        try
        {
            File.WriteAllText(path, svg);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RefusedException($"the picture {path} cannot be written: {FileFault.Reason(problem, path)}; name another file");
        }
    }
}
