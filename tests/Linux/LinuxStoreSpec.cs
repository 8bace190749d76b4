// The cache: a set is there whole or not at all, and two that want to make one wait for each other.

using Lguest.Devices;
using Lguest.Linux.Store;

namespace Lguest.Linux.Tests;

public sealed class LinuxStoreSpec : IDisposable
{
    private const string Mark = "0123456789ab";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public void A_set_is_found_when_it_is_whole()
    {
        var store = new LinuxStore(_folder);
        store.Find(Mark).ShouldBeNull();
        using (store.Lock(() => { }))
            store.Make("6.1.0-50-686", Mark, Fill);

        var found = store.Find(Mark).ShouldNotBeNull();
        found.Release.ShouldBe("6.1.0-50-686");
        File.ReadAllText(found.Kernel).ShouldBe("vmlinux");
        store.Find("another00000").ShouldBeNull();
    }

    [Fact]
    public void The_newest_of_several_is_taken_by_number()
    {
        var store = new LinuxStore(_folder);
        using (store.Lock(() => { }))
            foreach (string release in (string[])["6.1.0-9-686", "6.1.0-50-686", "6.1.0-10-686"])
                store.Make(release, Mark, Fill);

        store.Find(Mark)!.Release.ShouldBe("6.1.0-50-686");
    }

    [Fact]
    public void What_was_interrupted_is_not_found_and_is_made_again()
    {
        var store = new LinuxStore(_folder);
        using (store.Lock(() => { }))
            Should.Throw<InvalidDataException>(() => store.Make("6.1", Mark, set =>
            {
                File.WriteAllText(set.Kernel, "half");
                throw new InvalidDataException("interrupted");
            }));
        store.Find(Mark).ShouldBeNull();
        Directory.GetDirectories(_folder).ShouldHaveSingleItem("what a killed process leaves");

        using (store.Lock(() => { }))
        {
            Directory.GetDirectories(_folder).ShouldBeEmpty("the next one with the lock cleans up");
            store.Make("6.1", Mark, Fill);
        }

        store.Find(Mark).ShouldNotBeNull();
    }

    [Fact]
    public void A_set_that_lacks_a_file_is_none()
    {
        var store = new LinuxStore(_folder);
        using (store.Lock(() => { }))
            File.Delete(store.Make("6.1", Mark, Fill).Mounter);

        store.Find(Mark).ShouldBeNull();
    }

    [Fact]
    public void A_set_is_replaced_by_a_newer_one()
    {
        var store = new LinuxStore(_folder);
        using (store.Lock(() => { }))
        {
            store.Make("6.1", Mark, Fill);
            store.Make("6.1", Mark, set =>
            {
                Fill(set);
                File.WriteAllText(set.Kernel, "newer");
            });
        }

        File.ReadAllText(store.Find(Mark)!.Kernel).ShouldBe("newer");
        Directory.GetDirectories(_folder).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_second_waits_for_the_first_and_says_so_once()
    {
        var store = new LinuxStore(_folder);
        var first = store.Lock(() => { });
        TaskCompletionSource waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int told = 0;
        var second = Task.Run(() => new LinuxStore(_folder).Lock(() =>
        {
            told++;
            waits.SetResult();
        }));

        await waits.Task.WaitAsync(TimeSpan.FromMinutes(1));
        second.IsCompleted.ShouldBeFalse();
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromMinutes(1))).Dispose();
        told.ShouldBe(1);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_one_line()
    {
        Directory.CreateDirectory(_folder);
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        Should.Throw<RefusedException>(() => new LinuxStore(Path.Combine(file, "cache")).Lock(() => { }))
            .Message.ShouldContain("XDG_CACHE_HOME");
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private static void Fill(LinuxSet set)
    {
        File.WriteAllText(set.Kernel, "vmlinux");
        File.WriteAllText(set.Root, "root");
        File.WriteAllText(set.Mounter, "mounter");
    }
}
