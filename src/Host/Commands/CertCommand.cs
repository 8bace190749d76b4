// The verb cert: makes what nodes on several machines need to trust each other.

using System.CommandLine;
using Lguest.Devices;
using Lguest.Machine.Actors;
using Lguest.Net.Tls;
using Lguest.Topology.Certificates;

namespace Lguest.Host.Commands;

/// <summary><c>lguest cert DIR [NAME...]</c></summary>
internal static class CertCommand
{
    public static Command Create(TextWriter error)
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "Folder for the files; an authority already there signs the new certificates.",
        };
        var names = new Argument<string[]>("NAME")
        {
            Description = $"Names of nodes; if none is given, one certificate named {TlsSettings.UsualName}.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("cert", "Makes the certificates by which nodes on several machines trust each other.") { folder, names };
        command.SetAction(parsed =>
            Run(parsed.GetValue(folder)!, parsed.GetValue(names) ?? [], parsed.InvocationConfiguration.Output, error));
        return command;
    }

    private static bool IsName(string name) =>
        Uri.CheckHostName(name) != UriHostNameType.Unknown
        && !name.Contains(':', StringComparison.Ordinal)
        && name != CertificateFolder.AuthorityName;

    private static int Run(string folder, string[] names, TextWriter output, TextWriter error)
    {
        string[] nodes = names.Length > 0 ? [.. names.Distinct()] : [TlsSettings.UsualName];
        if (nodes.FirstOrDefault(name => !IsName(name)) is { } wrong)
            return CommandLine.Complain(error, $"'{wrong}' is not a name for a certificate; write names of nodes, or of hosts");
        var files = new CertificateFolder(folder);
        try
        {
            files.Issue(nodes, SystemClock.Instance.Wall.SinceEpoch);
        }
        catch (RefusedException refused)
        {
            error.WriteLine($"lguest: {refused.Message}");
            return CommandLine.BadUsage;
        }

        string name = nodes.Length == 1 ? nodes[0] : "%node%";
        output.WriteLine($"{nodes.Length} certificate{(nodes.Length == 1 ? "" : "s")} in {folder}: {string.Join(", ", nodes)}.");
        output.WriteLine("Each node needs its own two files and authority.pem, and the topology these lines:");
        output.WriteLine();
        output.WriteLine("lguest.cluster.tls {");
        output.WriteLine($"  certificate = \"{files.CertificateOf(name)}\"");
        output.WriteLine($"  key = \"{files.KeyOf(name)}\"");
        output.WriteLine($"  authority = \"{files.CertificateOf(CertificateFolder.AuthorityName)}\"");
        output.WriteLine("}");
        output.WriteLine();
        output.WriteLine($"Keep {files.KeyOf(CertificateFolder.AuthorityName)} off the nodes: it signs the certificates of new ones.");
        return 0;
    }
}
