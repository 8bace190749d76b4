// The text of --help. The classic syntax comes first, since it is what the program is for. The library makes the help of each command
// (lguest journey --help).

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lguest.Host.Commands;

/// <summary><c>lguest --help</c></summary>
internal static class HelpText
{
    private const int Width = 100;

    private const string Text = """
        lguest runs small paravirtualised Linux machines: no root, no KVM, no kernel module.

          lguest [options] MEMORY_MB KERNEL [kernel args...]
                               boots a Guest; its console is this terminal
          lguest demo          runs two nodes with two Guests each that ping one another
          lguest linux         boots the distribution's own kernel (Debian, i386) to a shell with a network; gets it once.
                               --with iperf3,frr adds packages, --image FILE keeps its files on a disk (lguest linux --help)
          lguest up FILE       runs a topology: all its nodes here, or with --node NAME one of them;
                               --log=%name%.log also writes each Guest's console to a file
          lguest check FILE    checks a topology and draws it (--svg FILE: as a picture)
          lguest cert DIR [NAME...]
                               makes the certificates that nodes on several machines need
          lguest bench [WORD]  measures what SPECIFICATION.md promises (in the source tree)
          lguest journey [CHAPTER]
                               explains how the machine works, from its source
          lguest --version     versions of the program, .NET and Akka.NET, and the engines of this host
          lguest --help        this
          ./lguest test        in the source tree: runs every test

        KERNEL is an ELF vmlinux or a bzImage for 32-bit x86, a Multiboot kernel, or the word puppy, the Guest kernel
        inside this program (puppy1: the same for the first lguest). Everything after it goes to the kernel unread.

        Options (devices keep their order):
          --initrd=FILE        initial RAM disk
          --block=FILE         a virtio disk (vda, vdb ... in the order given); read-only if the file is
          --tunnet=IPADDR      a network card (eth0, eth1 ...); the Host is at the other end, at that address;
                               bridge:NAME joins a bridge of the Host's. Both may need rights, and take
                               :MAC at the end. nat: a router that needs no rights (needs libslirp0)
          --forward=tcp:8080:80
                               with --tunnet=nat: port 80 of the Guest is at port 8080 of this machine's loopback; udp:
                               likewise; tcp:ADDRESS:8080:80 listens at another address of this machine
          --sharenet=FILE      for a Guest of the first generation: a network card on a page shared with the Guests of all
                               launchers on this machine that name the same file
          --share=DIR          a folder of this machine inside the Guest, by virtio 9P (Linux from 2.6.37 on; lguest linux
                               mounts it at /mnt/NAME); DIR:ro to be read only, TAG=DIR for another name than the folder's
          --rng                a virtio entropy source
          --board=pc|lguest    refuses a kernel that was built for the other kind of machine
          --boot=WAY           the way into a PC's kernel: linux (unpacked by the Host, the default), bzimage (by itself,
                               which takes long) or pvh (its entry for virtual machines)
          --kvm=off            a PC does not tell its kernel, in KVM's words, that it is a virtual one with a clock
          --engine=ENGINE      what executes the Guest's code: interpreter, translator (x86-64 Linux only), or auto, the
                               translator where this host can run it; lguest --version tells what it has; lockstep runs
                               both and compares them, to find faults of the translator (slow)
          --clock=virtual      the Guest's clock counts its instructions, and a run can be repeated (real: the Host's clock)
          --seed=NUMBER        makes the Guest's random bytes from a number
          --log=FILE           also writes the Guest's console to a file
          --verbose            logs to stderr what the Launcher does

        Three Ctrl-C within a second end the Launcher. Exit codes: 0 the Guest powered off, 1 it died (the reason is
        on stderr) or Ctrl-C stopped it, 2 bad usage (one line says what is wrong), 128 + N signal N stopped it; a
        Multiboot kernel may choose its own.
        """;

    /// <summary>Puts our words in the place of the library's for the root command, and leaves the verbs' help as it is.</summary>
    public static void Attach(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        var library = (HelpAction)option.Action!;

        // It would ask .NET's console for the width, which sets the terminal up in its own way.
        library.MaxWidth = Width;
        option.Action = new Print(root, library);
    }

    private sealed class Print(RootCommand root, SynchronousCommandLineAction library) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            if (parseResult.CommandResult.Command != root)
                return library.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Text);
            return 0;
        }
    }
}
