// The machine's sources of packages become those of a Guest's: same archives, same keys, another architecture.

using Lguest.Linux.Apt;

namespace Lguest.Linux.Tests;

public sealed class AptSourcesSpec
{
    private const string Paragraphs = """
        Types: deb deb-src
        # a remark
        URIs: http://mirror.example/debian
        Suites: bookworm bookworm-updates bookworm-backports
        Components: main contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        Enabled: no
        Types: deb
        URIs: http://switched.off/debian
        Suites: bookworm
        Components: main

        Types: deb
        URIs: https://deb.nodesource.com/node_20.x
        Suites: nodistro
        Components: main
        Architectures: amd64

        Types: deb
        URIs: http://keys.example/debian
        Suites: sid
        Components: main
        Trusted: yes
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
         -----END PGP PUBLIC KEY BLOCK-----
        """;

    [Fact]
    public void Paragraphs_are_read_with_their_keys_and_without_what_is_off_or_for_others()
    {
        AptSource[] sources = [.. AptSources.ReadParagraphs(Paragraphs)];

        sources.Length.ShouldBe(2);
        sources[0].Uris.ShouldBe(["http://mirror.example/debian"]);
        sources[0].Suites.ShouldBe(["bookworm", "bookworm-updates", "bookworm-backports"]);
        sources[0].Components.ShouldBe(["main", "contrib"]);
        sources[0].Options.ShouldBe(["Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"]);
        sources[1].Options.ShouldHaveSingleItem().ShouldEndWith("-----END PGP PUBLIC KEY BLOCK-----");
    }

    [Theory]
    [InlineData("deb http://mirror.example/debian bookworm main", "")]
    [InlineData("  deb\thttp://mirror.example/debian\tbookworm   main # why", "")]
    [InlineData("deb [signed-by=/a.gpg,/b.gpg arch=amd64,i386] http://mirror.example/debian bookworm main",
        "Signed-By: /a.gpg /b.gpg")]
    [InlineData("deb [trusted=yes allow-insecure=yes] http://mirror.example/debian bookworm main", "")]
    public void Lines_are_read_with_their_options_but_never_with_leave_to_skip_signatures(string line, string options)
    {
        var source = AptSources.ReadList($"# first\n{line}\ndeb-src http://mirror.example/debian bookworm main\n").ShouldHaveSingleItem();

        source.Uris.ShouldBe(["http://mirror.example/debian"]);
        source.Suites.ShouldBe(["bookworm"]);
        source.Components.ShouldBe(["main"]);
        string.Join('\n', source.Options).ShouldBe(options);
    }

    [Theory]
    [InlineData("deb [arch=amd64] http://a b c")]
    [InlineData("deb [arch=amd64 http://a b c")]
    [InlineData("deb http://only-a-uri")]
    [InlineData("rpm http://a b c")]
    [InlineData("deb")]
    [InlineData("\0\u001b[2J")]
    public void Lines_for_others_and_lines_without_sense_are_passed_over(string line) => AptSources.ReadList(line).ShouldBeEmpty();

    [Fact]
    public void Of_several_releases_only_the_machines_own_is_taken_and_no_backports()
    {
        var own = AptSources.OfDistribution(AptSources.ReadList("""
            deb http://mirror.example/debian bookworm main
            deb http://mirror.example/debian bookworm-backports main
            deb http://mirror.example/debian-security bookworm-security main
            deb https://packages.cloud.example/apt cloud-sdk-bookworm main
            """), "bookworm");

        own.SelectMany(source => source.Suites).ShouldBe(["bookworm", "bookworm-security"]);
    }

    [Fact]
    public void Where_none_is_known_all_are_taken() =>
        AptSources.OfDistribution(AptSources.ReadList("deb http://a strange main"), "bookworm").ShouldHaveSingleItem();

    [Fact]
    public void What_is_written_is_for_i386_alone_and_reads_back()
    {
        string text = AptSources.Write(AptSources.ReadParagraphs(Paragraphs));

        text.Split('\n').Count(line => line == "Architectures: i386").ShouldBe(2);
        text.ShouldNotContain("rusted");
        AptSources.Write(AptSources.ReadParagraphs(text)).ShouldBe(text);
    }

    [Theory]
    [InlineData("NAME=Debian\nVERSION_CODENAME=bookworm\n", "bookworm")]
    [InlineData("VERSION_CODENAME=\"noble\"", "noble")]
    [InlineData("NAME=Arch", null)]
    [InlineData("VERSION_CODENAME=\n", null)]
    public void A_machine_says_its_release(string text, string? codename) => AptSources.Codename(text).ShouldBe(codename);

    [Fact]
    public void Random_text_is_read_without_a_fault()
    {
        var random = new Random(7);
        string[] pieces =
            ["deb ", "[", "]", "signed-by=", "http://a", "\n", " ", ":", "Types: deb", "URIs:", "Suites:", "\n\n", "#", "\0", "="];
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(random.GetItems(pieces, random.Next(20)));
            AptSources.Write([.. AptSources.ReadList(text), .. AptSources.ReadParagraphs(text)]).ShouldNotBeNull();
        }
    }
}
