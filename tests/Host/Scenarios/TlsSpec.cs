// Two processes that know each other by certificates, as a user has them: made with the program's own verb, named in the topology.

using Lguest.Topology.Certificates;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class TlsSpec
{
    private const string Pair = """
        lguest {
          name = pair
          nodes { a { }, b { } }
          lans.green { }
          defaults.guest { memory = 8M, lans = [green] }
          guests {
            one { node = a, arguments = "ip=%address%/24 script=ping %peers% -w 60 -c 20 -i 10 -W 5000 -q; poweroff" }
            two { node = b, service = on, arguments = "ip=%address%/24 script=sleep 1000000" }
          }
        }
        """;

    [Fact]
    public async Task Two_processes_under_TLS_run_a_topology()
    {
        var folder = Directory.CreateTempSubdirectory("lguest-tls");
        try
        {
            new CertificateFolder(folder.FullName).Issue(["a", "b"], DateTimeOffset.UtcNow);
            string tls = $$"""
                lguest.cluster.tls {
                  certificate = "{{folder.FullName}}/%node%.pem"
                  key = "{{folder.FullName}}/%node%-key.pem"
                  authority = "{{folder.FullName}}/authority.pem"
                }
                """;
            await using var rack = Scenario.Start($"{Pair}\n{tls}", "a", "b");

            await rack.Prints("one", "ping 10.0.0.2: 20 sent, 20 received, 0% loss", on: "a");
            (await rack.Ends("a")).ShouldBe(0, rack.Story);
            (await rack.Ends("b")).ShouldBe(0, rack.Story);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
