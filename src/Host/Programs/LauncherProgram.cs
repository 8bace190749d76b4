// Runs one Guest in the foreground, with its console on this terminal.

using Lguest.Devices;
using Lguest.Devices.Console;
using Lguest.Guest.Cpu;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Launcher.Paths;
using Lguest.Net.Files;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Host.Programs;

/// <summary>The classic launcher as a program: boots one Guest and stays until it has ended.</summary>
internal static class LauncherProgram
{
    private const int InOrder = 0;
    private const int GuestDied = 1;
    private const int NotAsAsked = 2;
    private const string OnlyGuest = "guest";

    /// <summary>Runs the Guest that <paramref name="options"/> describe; its console is the process's stdin and stdout.</summary>
    /// <param name="options">The Guest as asked for; form is checked, files are not opened yet.</param>
    /// <param name="error">Takes the one line that names the cause when the Guest cannot start or has died.</param>
    /// <returns>0 the Guest shut down in order, 1 it died, 2 it could not be started as asked.</returns>
    public static int Run(LauncherOptions options, TextWriter error)
    {
        using var input = StandardStreams.OpenInput();
        using var output = StandardStreams.OpenOutput();
        if (FileUses.Conflict([.. Uses(options), .. FileUses.Standard]) is { } conflict)
        {
            error.WriteLine($"lguest: {conflict}");
            return NotAsAsked;
        }

        return Run(options, input, output, error, RawTerminal.EnterStandardInput, out _);
    }

    /// <summary>The files that the options name, before any is opened.</summary>
    private static IEnumerable<FileUse> Uses(LauncherOptions options)
    {
        if (options.Log is { } log)
            yield return FileUse.Written($"--log={log}", log);
        if (!EmbeddedKernel.Names.Contains(options.Kernel))
            yield return FileUse.Loaded($"kernel {options.Kernel}", options.Kernel);
        if (options.Initrd is { } initrd)
            yield return FileUse.Loaded($"--initrd={initrd}", initrd);
        foreach (var device in options.Devices)
        {
            if (device is DeviceOption.Block disk)
                yield return FileUse.Read($"--block={disk.Path}", disk.Path);
            else if (device is DeviceOption.SharedNet share)
                yield return FileUse.Shared($"--sharenet={share.Page}", share.Page);
            else if (device is DeviceOption.Share { IsReadOnly: false } folder)
                yield return FileUse.Folder($"--share={folder.Folder}", folder.Folder);
        }
    }

    /// <param name="engine">What was asked for; null for nothing.</param>
    /// <param name="translatorProblem">Why this host cannot run the translator; null if it can.</param>
    /// <exception cref="RefusedException">This host does not have it.</exception>
    internal static void CheckEngine(EngineKind? engine, string? translatorProblem)
    {
        if (engine is { } kind && Engines.NeedsTranslator(kind) && translatorProblem is not null)
            throw new RefusedException($"--engine={Engines.WordOf(kind)} cannot run here: {translatorProblem}; write --engine=auto");
    }

    /// <exception cref="RefusedException">There is no router for them, or a port is in use.</exception>
    private static void CheckForwards(LauncherOptions options)
    {
        if (options.Forwards.Length > 0 && !options.Wires.Any(wire => wire.Tunnel is null))
            throw new RefusedException("--forward needs a router between the Guest and this machine; add --tunnet=nat");
        foreach (var forward in options.Forwards)
            if (forward.Problem() is { } problem)
                throw new RefusedException($"--forward: {problem}");
    }

    private static FailSafeStream OpenLog(string path, TextWriter error)
    {
        try
        {
            return GuestLog.Create(path, problem => StandardStreams.TellAside(
                error, $"log {path} cannot be written any more: {FileFault.Reason(problem)}; the Guest runs on without it"));
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            throw new RefusedException($"log {path} cannot be written: {FileFault.Reason(problem, path)}; name another file");
        }
    }

    /// <summary>The same with a console of the caller's.</summary>
    /// <param name="options">The Guest as asked for.</param>
    /// <param name="input">What is typed.</param>
    /// <param name="output">Where the Guest prints.</param>
    /// <param name="error">Takes the one line that names the cause.</param>
    /// <param name="enterRawMode">Called once it is sure that the Guest will start; null where nobody types.</param>
    /// <param name="outcome">How it ended; null if it never started.</param>
    public static int Run(
        LauncherOptions options, Stream input, Stream output, TextWriter error, Func<RawTerminal?> enterRawMode, out GuestOutcome? outcome)
    {
        outcome = null;
        List<ShareFile> shares = [];
        using var console = new LoggedStream(output);
        try
        {
            CheckEngine(options.Engine, Engines.TranslatorProblem);
            CheckForwards(options);
            options = TakeSlots(options, shares);
            var plan = GuestPlan.Read(options);
            var built = plan.Build(console);
            foreach (string warning in built.Warnings)
                error.WriteLine($"lguest: {warning}");
            using (var terminal = enterRawMode())
                outcome = RunGuest(options, shares, plan, built, input, console, error, typed: terminal is not null).GetAwaiter()
                    .GetResult();
        }
        catch (RefusedException refused)
        {
            error.WriteLine($"lguest: {refused.Message}");
            return NotAsAsked;
        }
        finally
        {
            shares.ForEach(share => share.Dispose());
        }

        return Tell(outcome, error);
    }

    /// <summary>Gives each card on a shared page its slot, which also makes the Guest's number, and with it its address, one that no other
    /// Guest there has.</summary>
    private static LauncherOptions TakeSlots(LauncherOptions options, List<ShareFile> shares)
    {
        var devices = options.Devices.ToBuilder();
        for (int i = 0; i < devices.Count; i++)
        {
            if (devices[i] is not DeviceOption.SharedNet { Slot: DeviceOption.SharedNet.AnySlot } card)
                continue;
            shares.Add(ShareFile.Open(card.Page));
            devices[i] = new DeviceOption.SharedNet(Path.GetFullPath(card.Page), shares[^1].Slot);
        }

        return shares.Count == 0 ? options : options with
        {
            Devices = devices.ToImmutable(),
            Number = options.Number
            ?? (ushort)shares[0].Slot
        };
    }

    private static async Task<GuestOutcome> RunGuest(LauncherOptions options, List<ShareFile> shares, GuestPlan plan, BuiltGuest built,
        Stream input, LoggedStream output, TextWriter error, bool typed)
    {
        if (shares.Count == 0)
            SpareTheCompiler();
        using var log = ProgramLog.Create(options.Verbose);
        await using var node = new OneNode(log, isReachable: shares.Count > 0, options.Engine);
        using CancellationTokenSource end = new();
        try
        {
            node.Announce(shares);
            var router = options.Wires.FirstOrDefault(wire => wire.Tunnel is null);
            foreach (var wire in options.Wires)
                node.StartWire(wire, ReferenceEquals(wire, router) ? options.Forwards : []);

            // All else is as it was asked for. Before that nothing may be taken from a log of old.
            if (options.Log is { } path)
                output.Begin(OpenLog(path, error));
        }
        catch (RefusedException)
        {
            built.Discard();
            throw;
        }

        var meeting = node.MeetOthers(shares, end.Token);
        StopSignals? signals = null;
        using var keys = new TerminalInput(input, typed, () => signals?.Ask("three Ctrl-C", GuestDied));

        // A request to stop the Guest must find it there: first the Guest, then the ways to end it.
        var ended = node.Run(OnlyGuest, plan, built, keys, output);
        using var stopping = signals = new StopSignals(node.StopGuests);
        keys.Start();
        var outcome = await ended.ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await meeting.ConfigureAwait(false);
        if (outcome.Statistics is { } statistics)
        {
            log.Information(
                "{Guest} executed {Instructions} instructions, {Mips:F1} million a second while it ran; {Processor:F2} s of processor "
                    + "time in all; {Statistics}",
                OnlyGuest,
                statistics.Instructions,
                statistics.Mips,
                Environment.CpuUsage.TotalTime.TotalSeconds,
                statistics);
            if (statistics.Mark is { } mark)
                log.Information("{Guest} at its end: {Mark}", OnlyGuest, mark);
        }

        return outcome;
    }

    /// <summary>
    /// Akka compiles patterns and expressions when it starts, for a system that runs for days. One Guest without other nodes may be over in
    /// half a second, of which that was a fifth; so here they are interpreted. Too late, it has no effect.
    /// </summary>
    private static void SpareTheCompiler() =>
        AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);

    private static int Tell(GuestOutcome outcome, TextWriter error)
    {
        switch (outcome)
        {
            case GuestOutcome.Died died:
                error.WriteLine($"lguest: the Guest died: {died.Reason}");
                return GuestDied;
            case GuestOutcome.Exited exited:
                return exited.ExitCode;
            case GuestOutcome.Ended ended:
                error.WriteLine($"lguest: the Guest was stopped by {ended.By}");
                return ended.ExitCode;
            default:
                return InOrder;
        }
    }
}
