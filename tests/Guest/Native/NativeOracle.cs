// The judge: the host's own processor. It runs cases in a 32-bit child process and hands back what the hardware did. Where the kernel
// starts no such process, a 64-bit one runs those that mean the same there. Cases travel in batches through a file that both processes
// map; two pipes carry nothing but "go" and "done".
using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Lguest.Guest.Tests.Native;

/// <summary>Runs 32-bit instructions on the host's processor; x86-64 Linux only.</summary>
internal sealed unsafe class NativeOracle : ICaseRunner, IDisposable
{
    /// <summary>What a test says that a 64-bit child cannot do.</summary>
    public const string LongModeOnly = "the host runs 64-bit programs only, where this means something else";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _shared;
    private readonly Process _child;

    private NativeOracle(string folder, MemoryMappedFile file, Process child, bool isLongMode)
    {
        IsLongMode = isLongMode;
        _folder = folder;
        _file = file;
        _child = child;
        _view = file.CreateViewAccessor(0, NativeProgram.SharedSize);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _shared);
    }

    /// <summary>Whether the child runs in 64-bit mode: it then leaves cases out that mean something else there.</summary>
    public bool IsLongMode { get; }

    /// <summary>Starts a child, or says in one line why this machine has no oracle.</summary>
    public static bool TryStart([NotNullWhen(true)] out NativeOracle? oracle, [NotNullWhen(false)] out string? reason) =>
        TryStart(isLongMode: false, out oracle, out reason) || TryStart(isLongMode: true, out oracle, out reason);

    private static bool TryStart(
        bool isLongMode, [NotNullWhen(true)] out NativeOracle? oracle, [NotNullWhen(false)] out string? reason)
    {
        oracle = null;
        reason = null;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            reason = $"the host is {RuntimeInformation.OSDescription} on {RuntimeInformation.ProcessArchitecture}, not Linux on x86-64";
            return false;
        }

        string folder = Directory.CreateTempSubdirectory("lguest-native-").FullName;
        string program = Path.Combine(folder, "oracle");
        string sharedPath = Path.Combine(folder, "cases");
        File.WriteAllBytes(program, isLongMode ? LongModeProgram.BuildExecutable() : NativeProgram.BuildExecutable());
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var file = MemoryMappedFile.CreateFromFile(sharedPath, FileMode.CreateNew, null, NativeProgram.SharedSize);
        if (!TryStartChild(program, sharedPath, out var child, out reason))
        {
            file.Dispose();
            Directory.Delete(folder, recursive: true);
            return false;
        }

        var started = new NativeOracle(folder, file, child, isLongMode);
        if (started.TryReceive(out _, out string? silence))
        {
            oracle = started;
            return true;
        }
        reason = $"the {(isLongMode ? 64 : 32)}-bit child process did not come up: {silence}";
        started.Dispose();
        return false;
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> image, ReadOnlySpan<TestCase> cases, Span<TestOutcome> outcomes)
    {
        if (image.Length != Sandbox.ImageSize) throw new ArgumentException($"a sandbox image has {Sandbox.ImageSize} bytes", nameof(image));
        if (outcomes.Length < cases.Length) throw new ArgumentException("fewer outcomes than cases", nameof(outcomes));
        if (!IsLongMode)
        {
            RunAll(image, cases, outcomes);
            return;
        }
        var translated = new List<TestCase>(cases.Length);
        var places = new List<int>(cases.Length);
        for (int i = 0; i < cases.Length; i++)
        {
            outcomes[i] = new TestOutcome { Trap = TestOutcomeLayout.NotRun };
            if (!LongModeCase.TryTranslate(cases[i], out var made)) continue;
            translated.Add(made);
            places.Add(i);
        }
        var answers = new TestOutcome[translated.Count];
        RunAll(image, CollectionsMarshal.AsSpan(translated), answers);
        for (int i = 0; i < answers.Length; i++)
        {
            ref readonly var given = ref cases[places[i]];
            ref var answer = ref answers[i];
            (answer.Ds, answer.Es, answer.Fs, answer.Gs) = (given.Ds, given.Es, given.Fs, given.Gs);
            answer.IsLongMode = 1;
            (answer.Cs, answer.Ss) = (Sandbox.CodeSelector, Sandbox.FlatSelector);
            outcomes[places[i]] = answer;
        }
    }

    private void RunAll(ReadOnlySpan<byte> image, ReadOnlySpan<TestCase> cases, Span<TestOutcome> outcomes)
    {
        image.CopyTo(new Span<byte>(_shared + NativeProgram.ImageOffset, Sandbox.ImageSize));
        Span<byte> command = stackalloc byte[4];
        for (int done = 0; done < cases.Length;)
        {
            int count = Math.Min(cases.Length - done, NativeProgram.Capacity);
            cases.Slice(done, count).CopyTo(new Span<TestCase>(_shared + NativeProgram.CasesOffset, count));
            BinaryPrimitives.WriteInt32LittleEndian(command, count);
            _child.StandardInput.BaseStream.Write(command);
            _child.StandardInput.BaseStream.Flush();
            if (!TryReceive(out _, out string? reason)) throw new InvalidOperationException($"the native oracle was lost: {reason}");
            new ReadOnlySpan<TestOutcome>(_shared + NativeProgram.OutcomesOffset, count).CopyTo(outcomes[done..]);
            done += count;
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        if (!_child.HasExited) _child.Kill();
        _child.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool TryStartChild(string program, string shared, [NotNullWhen(true)] out Process? child,
        [NotNullWhen(false)] out string? reason)
    {
        const int textFileBusy = 26; // another thread's fork may hold the file open for writing for a moment
        var start = new ProcessStartInfo(program, [shared]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                child = Process.Start(start)!;
                reason = null;
                return true;
            }
            catch (Win32Exception failure) when (failure.NativeErrorCode != textFileBusy || attempt == 100)
            {
                child = null;
                reason = $"a program of our own cannot be started: {failure.Message}";
                return false;
            }
            catch (Win32Exception)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Waits for the child's next word; a child that is gone or silent is given up.</summary>
    private bool TryReceive(out int word, [NotNullWhen(false)] out string? reason)
    {
        word = 0;
        reason = null;
        byte[] buffer = new byte[4];
        var reading = _child.StandardOutput.BaseStream.ReadAsync(buffer.AsMemory()).AsTask();
        if (!reading.Wait(_patience))
        {
            _child.Kill();
            reason = $"no answer within {_patience.TotalSeconds} s";
        }
        else if (reading.Result != buffer.Length)
        {
            reason = _child.WaitForExit(_patience) ? $"it ended with exit code {_child.ExitCode}" : "it closed its output";
        }
        word = BinaryPrimitives.ReadInt32LittleEndian(buffer);
        return reason is null;
    }
}
