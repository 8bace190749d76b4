// A log or a recording may be named like a pipe or a device. The actor that opens it cannot wait for a reader.

using System.Diagnostics;
using Lguest.Net.Files;

namespace Lguest.Net.Tests.Files;

public sealed class OutputFileSpec : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-output").FullName;

    private static IEnumerable<Func<string, FileStream>> Ways =>
        [OutputFile.Create, path => OutputFile.Append(path, FileAccess.Write), path => OutputFile.Append(path, FileAccess.ReadWrite)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task A_pipe_that_nobody_reads_is_refused_at_once()
    {
        string pipe = Pipe();
        foreach (var open in Ways)
        {
            var opening = Task.Run(() => open(pipe));

            (await Task.WhenAny(opening, Task.Delay(_patience))).ShouldBe(opening, "it waits for a reader");
            FileFault.Reason((await Should.ThrowAsync<IOException>(opening))).ShouldBe("no program reads this pipe");
        }
    }

    [SkippableFact]
    public async Task A_pipe_with_a_reader_takes_all_that_is_written_however_slow_that_is()
    {
        string pipe = Pipe();
        byte[] much = new byte[1 << 20];
        new Random(1).NextBytes(much);
        foreach (var open in Ways)
        {
            // Open for both, the system does not wait for a writer.
            using var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            using var writer = open(pipe);
            var writing = Task.Run(() => writer.Write(much));

            byte[] got = new byte[much.Length];
            await Task.Run(() => reader.ReadExactly(got)).WaitAsync(_patience);
            await writing.WaitAsync(_patience);
            got.ShouldBe(much);
        }
    }

    [Fact]
    public void A_file_begins_anew_or_goes_on_at_its_end_wherever_that_is()
    {
        string path = Path.Combine(_folder, "x");
        using (var file = OutputFile.Append(path, FileAccess.Write))
        using (var other = OutputFile.Append(path, FileAccess.ReadWrite))
        {
            file.Write("one "u8);
            other.Write("two "u8);
            file.Write("three"u8);
        }

        File.ReadAllText(path).ShouldBe("one two three");

        using (var file = OutputFile.Create(path))
            file.Write("new"u8);
        File.ReadAllText(path).ShouldBe("new");
    }

    [SkippableFact]
    public void A_device_is_as_it_was()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");
        foreach (var open in Ways)
        {
            using var file = open("/dev/full");
            FileFault.Reason(Should.Throw<IOException>(() => file.Write("x"u8))).ShouldBe("No space left on device");
        }
    }

    [SkippableFact]
    public void That_a_reader_has_gone_is_told_from_other_faults()
    {
        string pipe = Pipe();
        var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using var writer = OutputFile.Create(pipe);
        reader.Dispose();
        FileFault.IsReaderGone(Should.Throw<IOException>(() => writer.Write("x"u8))).ShouldBeTrue();

        FileFault.IsReaderGone(new IOException("No space left on device", 28)).ShouldBeFalse();
        FileFault.IsReaderGone(new IOException("with the bits of a facility", unchecked((int)0x80070020))).ShouldBeTrue();
        FileFault.IsReaderGone(new InvalidOperationException { HResult = 32 }).ShouldBeFalse();
    }

    [SkippableFact]
    public void A_name_with_a_NUL_is_no_other_files_name()
    {
        string pipe = Pipe();
        foreach (var open in Ways)
            Should.Throw<ArgumentException>(() => open(pipe + "\0.log").Dispose());
    }

    private string Pipe()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes are opened like this on Linux");
        string path = Path.Combine(_folder, "pipe");
        using var made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        made.ExitCode.ShouldBe(0);
        return path;
    }
}
