// Puppy on the real core, Switcher and devices: what its processes see, what it gives back, and what becomes of it when it misbehaves.

using System.Text;
using System.Text.RegularExpressions;
using Lguest.Devices.Tests;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Tests.Puppy;

public sealed partial class PuppyRunSpec
{
    [Fact]
    public void Boots_runs_its_script_and_switches_itself_off()
    {
        using var machine = new PuppyMachine("script=cat /welcome.txt; ls /bin; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("Every program in /bin is a process of its own");
        machine.Output.ShouldContain("forktest\n");
    }

    [Fact]
    public void Same_input_gives_the_same_bytes_after_the_same_number_of_instructions()
    {
        static (string, ulong) Once()
        {
            using var machine = new PuppyMachine("script=forktest 4; sleep 0.25 &; crash null; ps; wait; uptime; poweroff");
            machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
            return (machine.Output, machine.Statistics.Instructions);
        }

        Once().ShouldBe(Once());
    }

    [Fact]
    public void Fork_copies_a_page_only_when_it_is_written()
    {
        using var machine = new PuppyMachine("script=forktest 16; poweroff");
        machine.Run();
        machine.Output.ShouldContain("child 8 changed 8 pages, 8 were copied");
        machine.Output.ShouldContain("forktest: 16 children, 0 wrong");
        machine.Statistics.QueuedHypercalls.ShouldBeGreaterThan(
            256, "the first fork changes an entry for each page, and they travel in the ring");
    }

    [Fact]
    public void Memory_is_all_free_again_when_a_greedy_process_was_ended()
    {
        using var machine = new PuppyMachine("script=mem; crash eat; crash deep; crash breed; mem; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("killed: out of memory");
        var free = FreeMemory().Matches(machine.Output).Select(match => match.Groups[1].Value).ToList();
        free.Count.ShouldBe(2);
        free[1].ShouldBe(free[0]);
    }

    [Theory]
    [InlineData("null", "page fault (error 6)")]
    [InlineData("text", "page fault (error 7)")]
    [InlineData("peek", "page fault (error 5)")]
    [InlineData("hlt", "general protection (error 0)")]
    [InlineData("div", "division by zero")]
    [InlineData("int1f", "general protection (error fa)")]
    [InlineData("int20", "general protection (error 102)")]
    [InlineData("fpu", "no floating point here")]
    public void Process_that_misbehaves_ends_alone(string deed, string reason)
    {
        using var machine = new PuppyMachine($"script=crash {deed}; echo still here; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain($"killed: {reason}");
        machine.Output.ShouldContain("\nstill here\n");
    }

    [Theory]
    [InlineData("panic", "asked to panic")]
    [InlineData("jump", "page fault in the kernel")]
    [InlineData("pagetable", "bad page table entry")]
    [InlineData("hypercall", "bad hypercall")]
    [InlineData("ring", "bad hypercall")]
    [InlineData("stack", "bad stack segment")]
    [InlineData("gate", "bad idt type")]
    [InlineData("switcher", "in the kernel")]
    public void Kernel_that_misbehaves_ends_with_a_reason_that_names_the_deed(string deed, string reason)
    {
        using var machine = new PuppyMachine($"script=crash {deed}; poweroff");
        var end = machine.Run().ShouldNotBeNull(machine.Output);
        end.Text.ShouldContain(reason, Case.Insensitive);
    }

    [Theory]
    [InlineData("descriptor", "outside of memory")]
    [InlineData("loop", "loops")]
    public void Device_that_is_handed_rubbish_says_so(string deed, string reason)
    {
        using var machine = new PuppyMachine($"script=crash {deed}; poweroff");
        machine.Run();
        machine.DeviceFault.ShouldNotBeNull(machine.Output).ShouldContain(reason);
    }

    [Theory]
    [InlineData("flood")]
    [InlineData("ports")]
    public void Deed_that_harms_nobody_is_survived(string deed)
    {
        using var machine = new PuppyMachine($"script=crash {deed}; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain($"survived {deed}");
    }

    [Fact]
    public void Disk_is_read_and_written_at_any_offset_and_flushed_when_closed()
    {
        var disk = new MemoryDisk(64);
        new Random(7).NextBytes(disk.Content);
        byte[] before = disk.Content.ToArray();
        using var machine = new PuppyMachine(
            "script=sum /dev/vda; echo 0123456789abcdef > /tmp/x; dd if=/tmp/x of=/dev/vda bs=10 seek=100; sum /dev/vda; poweroff",
                disks: [disk]);
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);

        "0123456789abcdef\n"u8.CopyTo(before.AsSpan(1000));
        disk.Content.ShouldBe(before);
        disk.Log.Count(entry => entry == "flush").ShouldBe(1);
        machine.Output.ShouldContain($"{Crc32(before):x8} 32768 /dev/vda");
    }

    [Fact]
    public void Disk_error_reaches_the_program_that_asked()
    {
        var disk = new MemoryDisk(64) { Fails = true };
        using var machine = new PuppyMachine("script=sum /dev/vda; dd if=/dev/zero of=/dev/vda count=1; poweroff", disks: [disk]);
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        Occurrences(machine.Output, "/dev/vda: input/output error (-5)").ShouldBe(2);
    }

    [Fact]
    public void Write_protected_disk_is_not_written()
    {
        var disk = new MemoryDisk(64) { ReadOnly = true };
        using var machine = new PuppyMachine("script=dd if=/dev/zero of=/dev/vda count=1; poweroff", disks: [disk]);
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("/dev/vda: read-only (-30)");
        disk.Log.ShouldNotContain(entry => entry.StartsWith("write", StringComparison.Ordinal));
    }

    [Fact]
    public void Typed_lines_are_echoed_edited_and_run()
    {
        using var machine = new PuppyMachine("").Type("echp\bo on\x7f\x7four keys\r").Type("poweroff\n");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("\nour keys\n");
    }

    [Fact]
    public void Control_C_ends_the_program_in_front_and_leaves_the_shell()
    {
        using var machine = new PuppyMachine("").Type("cat\r").Type("\x03").Type("echo again\r").Type("poweroff\r");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("^C\n");
        machine.Output.ShouldContain("\nagain\n");
    }

    [Fact]
    public void Guest_with_nothing_to_do_sleeps_without_an_alarm()
    {
        using var machine = new PuppyMachine("");
        machine.Run().ShouldBeNull();
        machine.Output.ShouldEndWith("puppy# ");
    }

    /// <summary>Its Host finds memory for a page when the page is first touched: what was never handed out must cost nothing.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(128)]
    public void Memory_that_was_never_used_was_never_touched(int megabytes)
    {
        using var machine = new PuppyMachine("", megabytes);
        machine.Run().ShouldBeNull();
        machine.Output.ShouldEndWith("puppy# ");
        machine.TouchedPages.ShouldBeInRange(16, 256);
    }

    [Fact]
    public void Memory_is_taken_from_what_came_back_before_what_was_never_used()
    {
        using var once = new PuppyMachine("script=forktest 4");
        using var often = new PuppyMachine("script=forktest 4; forktest 4; forktest 4");
        once.Run().ShouldBeNull();
        often.Run().ShouldBeNull();
        often.TouchedPages.ShouldBeInRange(once.TouchedPages, once.TouchedPages + 8);
    }

    [Fact]
    public void All_memory_can_be_used_but_what_the_kernel_and_the_initrd_lie_in()
    {
        byte[] initrd = PuppyFiles.Archive(("big", new string('x', 100_000)), ("small", "whole\n"));
        using var machine = new PuppyMachine("script=sum big; crash eat; sum big; cat small; poweroff", initrd: initrd);
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("killed: out of memory");
        machine.Output.ShouldContain("\nwhole\n");
        string sum = $"{Crc32(Encoding.ASCII.GetBytes(new string('x', 100_000))):x8} 100000 big";
        Occurrences(machine.Output, sum).ShouldBe(2);
        machine.TouchedPages.ShouldBeGreaterThan(2048 - 32);
    }

    [Fact]
    public void Initrd_adds_to_the_files_inside_and_its_script_is_run()
    {
        byte[] archive = PuppyFiles.Archive(("init.script", "cat etc/motd\npoweroff\n"), ("etc/motd", "from outside\n"));
        using var machine = new PuppyMachine("", initrd: archive);
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("the initrd adds 2 files");
        machine.Output.ShouldContain("\nfrom outside\n");
    }

    [Fact]
    public void Bent_initrd_is_reported_and_the_kernel_goes_on()
    {
        byte[] archive = PuppyFiles.Archive(("etc/motd", "from outside\n"));
        var random = new Random(11);
        for (int round = 0; round < 12; round++)
        {
            byte[] damaged = archive.ToArray();
            for (int i = 0; i < 4; i++)
                damaged[random.Next(110)] = (byte)random.Next(256);
            using var machine = new PuppyMachine("script=ls /; poweroff", initrd: damaged);
            machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        }
    }

    [Fact]
    public void Random_bytes_come_from_the_device()
    {
        using var machine = new PuppyMachine("script=dd if=/dev/hwrng of=/tmp/r bs=100 count=2; sum /tmp/r; poweroff");
        machine.Run().ShouldBeOfType<GuestEnd.PowerOff>(machine.Output);
        machine.Output.ShouldContain("200 bytes, crc ");
    }

    [Fact]
    public void Too_little_memory_is_said_in_a_sentence()
    {
        using var machine = new PuppyMachine("", megabytes: 2);
        machine.Run().ShouldBeOfType<GuestEnd.Crash>().Text.ShouldContain("2048 KB of memory are too little");
    }

    /// <summary>The CRC of zip files, bit by bit.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
        }

        return ~crc;
    }

    private static int Occurrences(string text, string what) => text.Split(what).Length - 1;

    [GeneratedRegex(@"free +(\d+) KB")]
    private static partial Regex FreeMemory();
}
