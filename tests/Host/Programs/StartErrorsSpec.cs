// Nodes that cannot start as their topology says: the port is in use, the address is another machine's, the host is not known. Each is
// told on one line that names the setting with its place, with exit code 2, and what had started already is gone again.

using System.Net;
using System.Net.Sockets;
using Lguest.Host.Programs;
using Lguest.Support;
using Lguest.Topology;
using Lguest.Topology.Hocon;

namespace Lguest.Host.Tests.Programs;

public sealed class StartErrorsSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-start").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_port_in_use()
    {
        using var taken = new TcpListener(IPAddress.Loopback, FreePorts.Next()) { ExclusiveAddressUse = true };
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        Up($"nodes.a {{\n port = {port} }}").ShouldBe(
            $":2:9: node 'a': port {port} of 127.0.0.1 is in use; choose another port, or end the program that uses it");
    }

    [Fact]
    public void A_forwarded_port_in_use()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        Up($"nodes.a {{ }}, lans.out {{ nat = on }}, guests.w {{ lans = [out]\n forward = \"tcp:{port}:80\" }}").ShouldBe(
            $":2:12: guest 'w': TCP port {port} of 127.0.0.1 is in use; choose another port, or end the program that uses it");
    }

    [Fact]
    public void Two_nodes_on_one_port_and_the_first_is_gone_again()
    {
        var (port, other) = (FreePorts.Next(), FreePorts.Next());

        Up($"nodes {{ a {{ port = {port} }}\n b {{ port = {other}, listen-port = {port} }} }}")
            .ShouldBe(
                $":2:34: node 'b': port {port} of 127.0.0.1 is in use, perhaps by node 'a'; "
                + "choose another port, or end the program that uses it");
        using var free = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        free.Start();
    }

    [Fact]
    public void An_address_of_another_machine() =>
        Up("nodes.a { host = \"203.0.113.7\" }, cluster.insecure = on").ShouldBe(
            ":1:27: node 'a': 203.0.113.7 is not an address of this machine; "
            + "start the node on the machine that has it, or set listen-host to an address of this machine");

    [Fact]
    public void A_host_that_is_not_known() =>
        Up("nodes.a { host = no-such-host.invalid }, cluster.insecure = on").ShouldBe(
            ":1:27: node 'a': host 'no-such-host.invalid' is not known here; write an address, or a name that this machine can resolve");

    [Fact]
    public void A_certificate_that_is_not_there() =>
        Up("nodes.a { }, cluster.tls { certificate = none.pem, key = k, authority = c }")
            .ShouldContain("none.pem; ./lguest cert DIR a makes certificates");

    [Theory]
    [InlineData(SocketError.AccessDenied, "port 80 is reserved for root; choose one above 1023")]
    [InlineData(SocketError.TooManyOpenSockets, "there are too many open files to listen; raise the limit with ulimit -n")]
    [InlineData(SocketError.NetworkDown, "it cannot listen at 127.0.0.1:80: ")]
    public void Whatever_else_a_socket_says(SocketError error, string words)
    {
        var place = new Place("x.conf", 3, 4);
        var node = new NodeDefinition("a", "127.0.0.1", 80, [], null, null) { PortPlace = place, HostPlace = place };
        var rules = new ClusterRules(1, default, default, default, default, true);
        var topology = new TopologyDefinition("rack", "x.conf", [node], [], [], rules);
        var failed = new InvalidOperationException("Failed to bind", new SocketException((int)error));
        var wrapped = new AggregateException(new AggregateException(failed));

        ListenProblem.Of(wrapped, node, topology)!.Message.ShouldStartWith($"x.conf:3:4: node 'a': {words}");
        ListenProblem.Of(new AggregateException(new InvalidOperationException("x")), node, topology).ShouldBeNull();
    }

    /// <summary>What <c>lguest up</c> says on stderr about a topology with these settings, without the file's name.</summary>
    private string Up(string settings)
    {
        string file = Path.Combine(_folder, "x.conf");
        File.WriteAllText(file, $"lguest {{ {settings}\n guests.g {{ }} }}");
        using var output = new MemoryStream();
        using var error = new StringWriter();

        var run = Task.Run(() => UpProgram.Run(new UpOptions(file), Stream.Null, output, error, () => null));
        run.Wait(TimeSpan.FromSeconds(60)).ShouldBeTrue("it runs");
        run.Result.ShouldBe(2);

        string line = error.ToString().TrimEnd('\n');
        line.ShouldNotContain('\n');
        line.ShouldStartWith($"lguest: {file}");
        return line[$"lguest: {file}".Length..];
    }
}
