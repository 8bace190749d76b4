// Files as disks: what is kept, what is refused, and that a file's length never changes.

using Lguest.Devices.Block;

namespace Lguest.Devices.Tests;

public sealed class FileDiskSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back_and_the_length_stays()
    {
        string path = Make(1300);
        using (var disk = FileDisk.Open(path))
        {
            disk.Sectors.ShouldBe(2, "a torn last sector does not count");
            disk.ReadOnly.ShouldBeFalse();
            disk.TryWrite(512, Enumerable.Repeat((byte)9, 512).ToArray()).ShouldBeTrue();
            disk.TryFlush().ShouldBeTrue();
            byte[] back = new byte[512];
            disk.TryRead(512, back).ShouldBeTrue();
            back.ShouldAllBe(value => value == 9);
        }

        new FileInfo(path).Length.ShouldBe(1300);
    }

    [Fact]
    public void Bytes_that_the_file_no_longer_has_read_as_an_error()
    {
        string path = Make(1024);
        using var disk = FileDisk.Open(path);
        disk.TryRead(512, new byte[512]).ShouldBeTrue();
        disk.TryRead(1024, new byte[512]).ShouldBeFalse();
    }

    [Fact]
    public void A_disk_in_use_is_not_given_to_a_second_Guest()
    {
        string path = Make(1024);
        using var disk = FileDisk.Open(path);

        Refuse(path).ShouldContain("cannot be opened");
    }

    [Fact]
    public void What_cannot_be_opened_is_refused_on_one_line()
    {
        Refuse(Path.Combine(_folder, "none")).ShouldContain("no such file");
        Refuse(Path.Combine(_folder, "none", "none")).ShouldContain("no such file");
        Refuse(_folder).ShouldContain("it is a directory");
        Refuse(Make(511)).ShouldContain("smaller than one sector");
    }

    private static string Refuse(string path)
    {
        string message = Should.Throw<RefusedException>(() => FileDisk.Open(path)).Message;
        message.ShouldContain(path);
        message.ShouldNotContain("\n");
        return message;
    }

    private string Make(int bytes)
    {
        string path = Path.Combine(_folder, $"{Guid.NewGuid():n}.img");
        File.WriteAllBytes(path, new byte[bytes]);
        return path;
    }
}
