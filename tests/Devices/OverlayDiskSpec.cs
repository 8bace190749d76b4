// A layer over a disk: what is written is read again, the base stays as it is, and what was flushed is there after a crash.

using Lguest.Devices.Block;

namespace Lguest.Devices.Tests;

public sealed class OverlayDiskSpec : IDisposable
{
    private const int Bytes = (40 * OverlayDisk.BlockBytes) + 1536;

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-overlay").FullName;
    private readonly string _base;
    private readonly string _layer;
    private readonly byte[] _original = new byte[Bytes];

    public OverlayDiskSpec()
    {
        _base = Path.Combine(_folder, "base.img");
        _layer = Path.Combine(_folder, "a.layer");
        new Random(1).NextBytes(_original);
        File.WriteAllBytes(_base, _original);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Any_writes_are_read_again_and_the_base_never_changes()
    {
        byte[] model = _original.ToArray();
        var dice = new Random(7);
        using (var disk = OverlayDisk.Open(_base, _layer, keep: false))
        {
            disk.Sectors.ShouldBe(Bytes / FileDisk.SectorBytes);
            disk.ReadOnly.ShouldBeFalse();
            for (int i = 0; i < 2000; i++)
            {
                int at = dice.Next(Bytes / 512) * 512;
                int length = Math.Min(dice.Next(1, 60) * 512, Bytes - at);
                if (dice.Next(2) == 0)
                {
                    byte[] bytes = new byte[length];
                    dice.NextBytes(bytes);
                    disk.TryWrite(at, bytes).ShouldBeTrue();
                    bytes.CopyTo(model, at);
                }
                else
                {
                    byte[] read = new byte[length];
                    disk.TryRead(at, read).ShouldBeTrue();
                    read.AsSpan().SequenceEqual(model.AsSpan(at, length)).ShouldBeTrue();
                }
            }
        }

        File.ReadAllBytes(_base).ShouldBe(_original);
        File.Exists(_layer).ShouldBeFalse("a layer that is not kept is deleted");
    }

    [Fact]
    public void Twenty_guests_share_one_image_and_see_only_their_own_writes()
    {
        var disks = Enumerable.Range(0, 20).Select(i => OverlayDisk.Open(_base, $"{_layer}.{i}", keep: false)).ToList();

        for (int i = 0; i < disks.Count; i++)
            disks[i].TryWrite(4096 * 3, Enumerable.Repeat((byte)i, 512).ToArray()).ShouldBeTrue();
        for (int i = 0; i < disks.Count; i++)
        {
            byte[] read = new byte[1024];
            disks[i].TryRead(4096 * 3, read).ShouldBeTrue();
            read[..512].ShouldAllBe(b => b == i);
            read[512..].ShouldBe(_original[((4096 * 3) + 512)..((4096 * 3) + 1024)]);
            disks[i].Blocks.ShouldBe(1);
        }

        disks.ForEach(disk => disk.Dispose());
    }

    [Fact]
    public void A_layer_that_is_kept_is_gone_on_with()
    {
        byte[] written = new byte[512];
        Array.Fill(written, (byte)0x5a);
        using (var disk = OverlayDisk.Open(_base, _layer, keep: true))
            disk.TryWrite(512, written).ShouldBeTrue();

        using var again = OverlayDisk.Open(_base, _layer, keep: true);
        byte[] read = new byte[512];

        again.TryRead(512, read).ShouldBeTrue();
        read.ShouldBe(written);
    }

    [Fact]
    public void After_a_crash_what_was_flushed_is_there_and_the_rest_is_as_it_was()
    {
        byte[] flushed = Enumerable.Repeat((byte)1, 512).ToArray();
        string crashed = Path.Combine(_folder, "crashed.layer");
        using (var disk = OverlayDisk.Open(_base, _layer, keep: true))
        {
            disk.TryWrite(0, flushed).ShouldBeTrue();
            disk.TryFlush().ShouldBeTrue();
            disk.TryWrite(8 * 4096, Enumerable.Repeat((byte)2, 512).ToArray()).ShouldBeTrue();

            // What a crash leaves is what the file holds at this moment. The disk is locked, so another name for the same file is read.
            using var there = new FileStream(crashed, FileMode.Create);
            Copy(_layer, there);
        }

        using var after = OverlayDisk.Open(_base, crashed, keep: true);
        byte[] read = new byte[512];

        after.TryRead(0, read).ShouldBeTrue();
        read.ShouldBe(flushed);
        after.TryRead(8 * 4096, read).ShouldBeTrue();
        read.ShouldBe(_original[(8 * 4096)..((8 * 4096) + 512)]);
    }

    [Fact]
    public void A_file_that_is_no_layer_is_neither_emptied_nor_deleted()
    {
        File.WriteAllText(_layer, "somebody's notes");

        foreach (bool keep in (bool[])[true, false])
            Should.Throw<RefusedException>(() => OverlayDisk.Open(_base, _layer, keep)).Message.ShouldContain("is not a layer of a disk");

        File.ReadAllText(_layer).ShouldBe("somebody's notes");
    }

    [Fact]
    public void A_layer_that_was_left_behind_is_made_afresh_unless_it_is_kept()
    {
        using (var disk = OverlayDisk.Open(_base, _layer, keep: true))
            disk.TryWrite(0, new byte[4096]).ShouldBeTrue();

        using var again = OverlayDisk.Open(_base, _layer, keep: false);

        again.Blocks.ShouldBe(0);
    }

    [SkippableFact]
    public void The_layer_takes_room_only_for_what_was_written()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the room that a file takes is asked as on Linux, with stat(1)");
        using (var big = new FileStream(_base, FileMode.Open))
            big.SetLength(1L << 32);

        using var disk = OverlayDisk.Open(_base, _layer, keep: false);
        disk.TryWrite(3L << 30, new byte[4096]).ShouldBeTrue();

        disk.Blocks.ShouldBe(1);
        new FileInfo(_layer).Length.ShouldBeGreaterThan(3L << 30);
        using var stat = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", _layer]) { RedirectStandardOutput = true })!;
        long blocks = long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
        (blocks * 512).ShouldBeLessThan(2L << 20, "4 KB were written into 4 GB");
    }

    [Fact]
    public void The_map_of_a_disk_beyond_128_MiB_has_a_second_page()
    {
        const long PerPage = 4096L * 8 * OverlayDisk.BlockBytes;
        using (var big = new FileStream(_base, FileMode.Open))
            big.SetLength(2 * PerPage + 4096);
        long[] places = [0, PerPage - 4096, PerPage, PerPage + 8192, 2 * PerPage];
        using (var disk = OverlayDisk.Open(_base, _layer, keep: true))
        {
            foreach (long place in places)
            {
                disk.TryWrite(place, Filled((byte)(1 + (place >> 20)))).ShouldBeTrue();
                disk.TryFlush().ShouldBeTrue();
            }
        }

        using var again = OverlayDisk.Open(_base, _layer, keep: true);
        again.Blocks.ShouldBe(places.Length);
        byte[] read = new byte[4096];
        foreach (long place in places)
        {
            again.TryRead(place, read).ShouldBeTrue();
            read.ShouldBe(Filled((byte)(1 + (place >> 20))));
        }

        again.TryRead(PerPage + 4096, read).ShouldBeTrue();
        read.ShouldBe(new byte[4096]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_leaves_a_block_that_was_never_flushed_as_the_base_has_it_and_any_other_as_flushed_or_as_written_since(int seed)
    {
        var dice = new Random(seed);
        using var disk = OverlayDisk.Open(_base, _layer, keep: true);
        for (int round = 0; round < 12; round++)
        {
            // As it is after a flush; with everything down but the map; and after the next flush.
            byte[] flushed = Content(_layer);
            byte[] model = Model(disk);
            for (int writes = dice.Next(1, 8); writes > 0; writes--)
            {
                int sector = dice.Next(Bytes / 512);
                byte[] bytes = new byte[Math.Min(dice.Next(1, 12) * 512, Bytes - (sector * 512))];
                dice.NextBytes(bytes);
                disk.TryWrite(sector * 512, bytes).ShouldBeTrue();
            }

            byte[] now = Model(disk);
            byte[] unflushed = Content(_layer);
            disk.TryFlush().ShouldBeTrue();
            byte[] after = Content(_layer);
            for (int crash = 0; crash < 4; crash++)
            {
                // Before the flush any sectors of the data may have got down, and none of the map. During the flush all of the data has,
                // and any of the map.
                byte[] torn = crash < 2 ? Torn(flushed, unflushed, dice) : Torn(unflushed, after, dice);
                using var left = OverlayDisk.Open(_base, Crashed(torn), keep: true);
                for (int sector = 0; sector < Bytes / 512; sector++)
                {
                    byte[] read = new byte[512];
                    left.TryRead(sector * 512, read).ShouldBeTrue();
                    var at = (sector * 512)..((sector + 1) * 512);
                    bool isOld = read.AsSpan().SequenceEqual(model[at]);
                    bool isNew = read.AsSpan().SequenceEqual(now[at]);
                    (isOld || isNew).ShouldBeTrue($"seed {seed}, round {round}, crash {crash}: sector {sector} is neither as flushed "
                        + $"nor as written since");
                    if (crash < 2 && !IsMapped(flushed, sector))
                        read.ShouldBe(_original[at], $"seed {seed}, round {round}: sector {sector} was never flushed");
                }
            }
        }
    }

    [Fact]
    public void A_layer_of_another_base_or_no_layer_at_all_is_refused()
    {
        OverlayDisk.Open(_base, _layer, keep: true).Dispose();
        File.SetLastWriteTimeUtc(_base, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Should.Throw<RefusedException>(() => OverlayDisk.Open(_base, _layer, keep: true)).Message.ShouldContain(
            "has changed since its layer");

        File.WriteAllText(_layer, "something else");
        Should.Throw<RefusedException>(() => OverlayDisk.Open(_base, _layer, keep: true)).Message.ShouldContain("is not a layer of a disk");
        Should.Throw<RefusedException>(() => OverlayDisk.Open(Path.Combine(_folder, "none"), _layer, keep: true)).Message.ShouldContain(
            "no such file");
        Should.Throw<RefusedException>(() => OverlayDisk.Open(
            _base, Path.Combine(_folder, "no", "layer"), keep: true)).Message.ShouldContain("cannot be used");
    }

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, 4096)];

    /// <summary>What the disk says, all of it.</summary>
    private static byte[] Model(OverlayDisk disk)
    {
        byte[] all = new byte[Bytes];
        disk.TryRead(0, all).ShouldBeTrue();
        return all;
    }

    private static bool IsMapped(byte[] layer, int sector)
    {
        int block = sector * 512 / OverlayDisk.BlockBytes;
        return (layer[4096 + (block >> 3)] & (1 << (block & 7))) != 0;
    }

    /// <summary>A file of which some sectors are as before and some as after.</summary>
    private static byte[] Torn(byte[] before, byte[] after, Random dice)
    {
        byte[] torn = before.ToArray();
        for (int sector = 0; sector < torn.Length / 512; sector++)
            if (dice.Next(2) == 0)
                after.AsSpan(sector * 512, 512).CopyTo(torn.AsSpan(sector * 512));
        return torn;
    }

    private string Crashed(byte[] content)
    {
        string path = Path.Combine(_folder, "torn.layer");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static byte[] Content(string path)
    {
        var content = new MemoryStream();
        Copy(path, content);
        return content.ToArray();
    }

    private static void Copy(string from, Stream to)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("cat", [from]) { RedirectStandardOutput = true })!;
        process.StandardOutput.BaseStream.CopyTo(to);
        process.WaitForExit();
    }
}
