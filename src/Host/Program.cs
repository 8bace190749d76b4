// The program behind ./lguest. It is only a table of contents: each verb of the command line is a file of its own under Commands/,
// and CommandLine.cs lists them.
//
//J:Preparation:100 Where are we?
// lguest was a hypervisor small enough to be read in an afternoon. It had three characters: the Launcher, an ordinary program that makes
// a machine's memory and devices; the Guest, a Linux kernel that knows that it is one; and the Switcher, a page of assembly that changes
// places with the Guest and so decides who is using the processor. This program keeps the three and their language. What it changes is
// the processor, which is a program here, and the way the three talk, which is by messages between actors.
//
// The source has the same three parts: src/Guest is the machine that a Guest believes in, src/Switcher is who decides when it runs and what
// it gets, src/Host is the Launcher with its devices. References go from Host to Switcher to Guest and never back.
//
//J:Preparation:200 How to read on
// Begin with chapter Guest, which tells the processor's run loop. Translator makes it fast: how what runs often becomes host code, and why
// a Guest does not get out of it; nothing after it depends on it, so it can wait. Puppy is the other side of the same story: our own Guest
// kernel, saying hello to its Host. Then Switcher, the answers; then Drivers and Launcher, the world around the machine; then Host, Net and
// Cluster, what many machines need. Mastery is the list of what we still owe, told beside the code that owes it. Each step names the file
// and the line at which it stands, and the code below that line is what it is about.

using System.Runtime.InteropServices;
using Lguest.Devices.Files;
using Lguest.Host.Commands;
using Lguest.Host.Terminal;

if (OpenFileLimit.IsTooLow())
    return 2;

// A file that may not grow (ulimit -f) is a fault like a full disk, told by the call that writes, and no reason to die of SIGXFSZ.
using var limit = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create((PosixSignal)25, signal => signal.Cancel = true);
using var output = StandardStreams.OutputWriter();
using var error = StandardStreams.ErrorWriter();

// Libraries that look at .NET's console find these and leave the terminal alone.
Console.SetOut(output);
Console.SetError(error);
LastResort.Watch(error);
return CommandLine.Run(args, output, error);
