// Which certificates of one's own authority are those of nodes: an authority signs much else.

using Lguest.Net.Tls;

namespace Lguest.Net.Tests.Tls;

public sealed class TlsSettingsSpec : IDisposable
{
    private const string Server = TlsSettings.ServerPurpose;
    private const string Client = TlsSettings.ClientPurpose;
    private const string Node = TlsSettings.NodePurpose;
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    private const string NotBoth =
        "its certificate is not for both ends of a connection (extended key usage: server and client authentication)";
    private const string NoNode =
        "its certificate is not that of a node (it has neither the purpose that ./lguest cert gives nor the name of a node)";

    private readonly TestAuthority _company = new("company");

    [Theory]
    [InlineData("anything", Server, Client, Node)]
    [InlineData("left", Server, Client)]
    [InlineData("LEFT", Server, Client, CodeSigning)]
    [InlineData("node", Server, Client)]
    public void One_that_was_made_for_a_node_is_trusted(string name, params string[] purposes) => Problem(name, purposes).ShouldBeNull();

    [Theory]
    [InlineData("www.example.com", NoNode, Server, Client)]
    [InlineData("*.example.com", NoNode, Server, Client)]
    [InlineData("left.example.com", NoNode, Server, Client)]
    [InlineData("someone", NotBoth, Client)]
    [InlineData("left", NotBoth, Server)]
    [InlineData("left", NotBoth, CodeSigning)]
    [InlineData("left", NotBoth, Node)]
    [InlineData("left", NotBoth)]
    public void One_that_was_made_for_something_else_is_not(string name, string problem, params string[] purposes) =>
        Problem(name, purposes).ShouldBe(problem);

    public void Dispose() => _company.Dispose();

    private string? Problem(string name, string[] purposes) =>
        (_company.Node("left") with { Nodes = ["left", "right", "www"] }).Problem(_company.Signed(name, purposes).Certificate);
}
