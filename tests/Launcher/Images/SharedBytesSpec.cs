// What several Guests boot is in memory once: found by its bytes and by nothing else, and gone when nobody has it any more.

using System.Runtime.CompilerServices;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class SharedBytesSpec : IDisposable
{
    private const int Length = SharedBytes.Smallest + 4711;

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("lguest-shared");

    private string Path => System.IO.Path.Combine(_home.FullName, "initrd");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public void The_same_bytes_are_one_array()
    {
        byte[] first = Content(1), second = Content(1);
        SharedBytes.Of(first).ShouldBeSameAs(first);
        SharedBytes.Of(second).ShouldBeSameAs(first);
        SharedBytes.Of(first).ShouldBeSameAs(first);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Length - 1)]
    public void One_byte_makes_it_another_one(int at)
    {
        byte[] first = Content(100 + at), other = Content(100 + at);
        other[at] ^= 1;
        SharedBytes.Of(first).ShouldBeSameAs(first);
        SharedBytes.Of(other).ShouldBeSameAs(other);
        SharedBytes.Find(new MemoryStream(other), Length).ShouldBeSameAs(other);
        SharedBytes.Find(new MemoryStream(first), Length).ShouldBeSameAs(first);
    }

    [Fact]
    public void Small_ones_are_not_looked_for()
    {
        byte[] small = new byte[SharedBytes.Smallest - 1];
        SharedBytes.Of(small).ShouldBeSameAs(small);
        byte[] again = new byte[SharedBytes.Smallest - 1];
        SharedBytes.Of(again).ShouldBeSameAs(again);
        SharedBytes.Find(new MemoryStream(small), small.Length).ShouldBeNull();
    }

    [Fact]
    public void In_a_file_it_is_found_where_the_file_is_and_the_file_is_behind_it_then()
    {
        byte[] known = SharedBytes.Of(Content(3));
        using MemoryStream file = new([9, .. known, 8]);
        SharedBytes.Find(file, Length).ShouldBeNull();
        file.Position.ShouldBe(0, "it can be read as if nobody had looked");
        file.Position = 1;
        SharedBytes.Find(file, Length).ShouldBeSameAs(known);
        file.ReadByte().ShouldBe(8);

        file.SetLength(Length);
        file.Position = 1;
        SharedBytes.Find(file, Length).ShouldBeNull("the end is missing");
    }

    [Fact]
    public void What_nobody_has_any_more_is_forgotten()
    {
        var forgotten = Forgotten();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        forgotten.TryGetTarget(out _).ShouldBeFalse();
        byte[] anew = Content(4);
        SharedBytes.Of(anew).ShouldBeSameAs(anew);
    }

    [Fact]
    public void Two_Guests_with_the_same_file_have_it_once_until_it_is_written_anew()
    {
        File.WriteAllBytes(Path, Content(5));
        byte[] first = BootFile.Read("initrd", Path);
        first.ShouldBe(Content(5));
        BootFile.Read("initrd", Path).ShouldBeSameAs(first);

        File.WriteAllBytes(Path, [.. Content(5), 1]);
        BootFile.Read("initrd", Path).Length.ShouldBe(Length + 1);
        File.WriteAllBytes(Path, Content(6));
        BootFile.Read("initrd", Path).ShouldBe(Content(6));
        first.ShouldBe(Content(5));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<byte[]> Forgotten() => new(SharedBytes.Of(Content(4)));

    private static byte[] Content(int seed)
    {
        byte[] content = new byte[Length];
        new Random(seed).NextBytes(content);
        return content;
    }
}
