// What a Guest sets of a file is set, and nothing else of it; and a file's number tells that it has changed.

using Lguest.Devices.Share;
using static Lguest.Devices.Tests.Share.Request;

namespace Lguest.Devices.Tests.Share;

public sealed class ShareFilesSpec : IDisposable
{
    private readonly ShareClient _client = ShareClient.Attached();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(0x9ed), InlineData(0x5ed)] // 4755, 2755
    public void A_program_that_runs_as_somebody_else_may_stay_so(int mode)
    {
        string path = _client.Put("f", "x");
        ShareClient.SetMode(path, (UnixFileMode)mode);
        _client.Say(Walk(0, 1, "f"));
        _client.Say(Change(1, 1, mode: (uint)mode & ~0x1u)).Error.ShouldBe(0);
        ShareClient.ModeOf(path).ShouldBe(mode & ~0x1);
        _client.Say(Change(1, 1, mode: 0x1a4)).Error.ShouldBe(0);
        ShareClient.ModeOf(path).ShouldBe(0x1a4);
    }

    [Fact]
    public void A_folder_may_be_sticky_and_a_node_runs_as_nobody_else()
    {
        _client.Say(new Request(MessageType.MakeFolder).Word(0).Text("d").Word(0x43ff).Word(0)).Error.ShouldBe(0);
        ShareClient.ModeOf(Path.Combine(_client.Folder, "d")).ShouldBe(0x3ff);
        _client.Say(new Request(MessageType.MakeNode).Word(0).Text("n").Word(0x8da4).Word(0).Word(0).Word(0)).Error.ShouldBe(0);
        ShareClient.ModeOf(Path.Combine(_client.Folder, "n")).ShouldBe(0x1a4);
    }

    [Fact]
    public void Each_time_is_set_by_itself()
    {
        string path = _client.Put("f", "x");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(3));
        _client.Say(Walk(0, 1, "f"));
        _client.Say(Change(1, 0x90, seconds: 86_400)).Error.ShouldBe(0);
        (File.GetLastAccessTimeUtc(path), File.GetLastWriteTimeUtc(path))
            .ShouldBe((DateTime.UnixEpoch.AddDays(1), DateTime.UnixEpoch.AddDays(3)));
        _client.Say(Change(1, 0x120, seconds: 172_800)).Error.ShouldBe(0);
        (File.GetLastAccessTimeUtc(path), File.GetLastWriteTimeUtc(path))
            .ShouldBe((DateTime.UnixEpoch.AddDays(1), DateTime.UnixEpoch.AddDays(2)));
    }

    [Fact]
    public void The_version_of_a_file_changes_with_its_length_and_with_its_time_to_the_nanosecond()
    {
        string path = _client.Put("f", "x");
        _client.Say(Walk(0, 1, "f"));
        List<Qid> seen = [];
        foreach (var (bytes, nanoseconds) in new[] { (1ul, 0ul), (2ul, 0ul), (2ul, 1ul), (1ul, 0ul) })
        {
            _client.Say(Change(1, 8, bytes: bytes)).Error.ShouldBe(0);
            _client.Say(Change(1, 0x1b0, seconds: 86_400, nanoseconds: nanoseconds)).Error.ShouldBe(0);
            var facts = _client.Say(Attributes(1));
            facts.Long();
            seen.Add(facts.Qid());
        }

        File.Exists(path).ShouldBeTrue();
        seen.Select(qid => qid.Path).Distinct().ShouldHaveSingleItem();
        seen.Select(qid => qid.Version).Distinct().Count().ShouldBe(3);
        seen[3].ShouldBe(seen[0]);
    }

    [Fact]
    public void A_message_with_more_than_its_fields_is_none() =>
        _client.Say(Fid(MessageType.Clunk, 0).Word(1)).Error.ShouldBe(Errno.BadMessage);
}
