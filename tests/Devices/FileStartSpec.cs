// Files are read as a whole where they have an end, and as far as is allowed where they have none that anybody knows.

using Lguest.Devices.Files;

namespace Lguest.Devices.Tests;

public sealed class FileStartSpec : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(9, 10)]
    [InlineData(10, 10)]
    [InlineData(100_000, 200_000)]
    public void A_file_that_is_short_enough_is_read_as_a_whole(int length, int most)
    {
        byte[] content = Content(length);

        var (bytes, isWhole) = FileStart.Read(_file, most);

        isWhole.ShouldBeTrue();
        bytes.ShouldBe(content);
    }

    [Fact]
    public void Of_a_longer_one_comes_as_much_as_is_allowed()
    {
        byte[] content = Content(11);

        var (bytes, isWhole) = FileStart.Read(_file, 10);

        isWhole.ShouldBeFalse();
        bytes.ShouldBe(content[..10]);
    }

    [SkippableTheory]
    [InlineData("/dev/zero", 300_000, 300_000, false)]
    [InlineData("/dev/null", 300_000, 0, true)]
    public void A_device_has_no_length(string path, int most, int length, bool whole)
    {
        Skip.IfNot(File.Exists(path), $"there is no {path} here");

        var (bytes, isWhole) = FileStart.Read(path, most);

        bytes.Length.ShouldBe(length);
        isWhole.ShouldBe(whole);
    }

    private byte[] Content(int length)
    {
        byte[] content = [.. Enumerable.Range(0, length).Select(index => (byte)index)];
        File.WriteAllBytes(_file, content);
        return content;
    }
}
