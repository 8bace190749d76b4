// Opening files, and what is done with those that are open: the second part of HostFolder.

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static Lguest.Devices.Share.LinuxCalls;

namespace Lguest.Devices.Share;

internal sealed partial class HostFolder
{
    private const int EntriesAtATime = 1 << 15;
    private const int EntryHead = 19; // ino, off, reclen, type
    private const int AnswerHead = 24; // qid, offset, type, length of the name
    private const int Tries = 8;
    private const int AccessBits = 3; // O_ACCMODE
    private const byte FolderEntry = 4; // DT_DIR
    private const byte LinkEntry = 10; // DT_LNK
    private const byte Unlocked = 2; // F_UNLCK

    /// <inheritdoc/>
    public int Open(SharedFile file, uint flags, out OpenedFile? opened, out Qid qid)
    {
        (opened, qid) = (null, default);
        var host = (HostFile)file;
        if (host.Kind is not (RegularFile or FolderKind))
            return host.Kind == LinkKind ? Errno.Loop : Errno.NoDevice;
        if ((flags & AccessBits) == AccessBits)
            return Errno.Invalid;
        if (Status(host.Descriptor, _empty, EmptyPath, out var status) != 0)
            return Error;
        qid = QidOf(status);
        return Opened(Again(host.Descriptor, FlagsOf(flags)), host.Parent is null, out opened);
    }

    /// <inheritdoc/>
    public int Create(
        SharedFile folder, byte[] name, uint flags, uint mode, out SharedFile? file, out OpenedFile? opened, out Qid qid)
    {
        (file, opened, qid) = (null, null, default);
        var parent = (HostFile)folder;
        if ((flags & AccessBits) == AccessBits)
            return Errno.Invalid;
        if (parent.Depth >= Deepest)
            return Errno.NameTooLong;
        byte[] ended = [.. name, 0];
        HostFile? made = null;
        int error = Errno.NoEntry;
        for (int i = 0; i < Tries && error == Errno.NoEntry; i++)
        {
            // It is made here or it is not: what is there already may be anything, and is looked at before it is opened.
            var descriptor = LinuxCalls.Open(
                parent.Descriptor, in ended[0], FlagsOf(flags & ~(uint)Truncate) | LinuxCalls.Create | Exclusive | NoLink,
                mode & Permissions);
            if (!descriptor.IsInvalid)
                return Made(descriptor, parent, ended, mode, out file, out opened, out qid);
            error = Error;
            if (error != Errno.Exists || (flags & Exclusive) != 0)
                return error;
            error = Step(parent, name, out made, out qid);
        }

        if (error != 0)
            return error;
        error = Open(made!, flags, out opened, out qid);
        if (error == 0)
            file = made;
        else
            made!.Dispose();
        return error;
    }

    /// <summary>A new file is open already; what is missing is the descriptor that names it.</summary>
    private int Made(Descriptor descriptor, HostFile parent, byte[] ended, uint mode, out SharedFile? file, out OpenedFile? opened,
        out Qid qid)
    {
        (file, opened, qid) = (null, null, default);
        SetMode(descriptor, mode);
        var named = Again(descriptor, PathOnly | CloseOnExec);
        if (named.IsInvalid)
        {
            int problem = Error;
            descriptor.Dispose();
            return problem;
        }

        int error = Keep(named, parent, ended, out var kept, out qid);
        if (error != 0)
        {
            descriptor.Dispose();
            return error;
        }

        error = Opened(descriptor, isRoot: false, out opened);
        if (error == 0)
            file = kept;
        else
            kept!.Dispose();
        return error;
    }

    /// <inheritdoc/>
    public int Read(OpenedFile file, ulong offset, Span<byte> into, out int bytes)
    {
        bytes = 0;
        if (offset > long.MaxValue)
            return Errno.Invalid;
        while (bytes < into.Length)
        {
            nint got = LinuxCalls.Read(((HostOpened)file).Descriptor, ref MemoryMarshal.GetReference(into[bytes..]),
                (nuint)(into.Length - bytes), (long)offset + bytes);
            if (got < 0 && Error == Errno.Interrupted)
                continue;
            if (got <= 0)
                return got < 0 && bytes == 0 ? Error : 0;
            bytes += (int)got;
        }

        return 0;
    }

    /// <inheritdoc/>
    public int Write(OpenedFile file, ulong offset, ReadOnlySpan<byte> from, out int bytes)
    {
        bytes = 0;
        if (offset > long.MaxValue)
            return Errno.Invalid;
        while (bytes < from.Length)
        {
            nint put = LinuxCalls.Write(((HostOpened)file).Descriptor, in MemoryMarshal.GetReference(from[bytes..]),
                (nuint)(from.Length - bytes), (long)offset + bytes);
            if (put < 0 && Error == Errno.Interrupted)
                continue;
            if (put <= 0)
                return put < 0 && bytes == 0 ? Error : 0;
            bytes += (int)put;
        }

        return 0;
    }

    /// <inheritdoc/>
    public int List(OpenedFile folder, ulong offset, Span<byte> into, out int bytes)
    {
        bytes = 0;
        var open = (HostOpened)folder;
        byte[] entries = ArrayPool<byte>.Shared.Rent(EntriesAtATime);
        try
        {
            lock (open.Place)
            {
                if (Seek(open.Descriptor, (long)offset, 0) < 0)
                    return Error;
                while (true)
                {
                    // A record of the system's is no shorter than one of the protocol's, so that few are read in vain.
                    int room = Math.Min(into.Length - bytes + AnswerHead, EntriesAtATime);
                    int got = LinuxCalls.List(open.Descriptor, entries.AsSpan(0, room));
                    if (got < 0)
                        return bytes > 0 ? 0 : Error;
                    if (got == 0 || !Convert(open, entries.AsSpan(0, got), into, ref bytes))
                        return got > 0 && bytes == 0 ? Errno.Invalid : 0;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(entries);
        }
    }

    /// <returns>Whether all went in.</returns>
    private bool Convert(HostOpened folder, ReadOnlySpan<byte> entries, Span<byte> into, ref int bytes)
    {
        while (!entries.IsEmpty)
        {
            var name = entries[EntryHead..BinaryPrimitives.ReadUInt16LittleEndian(entries[16..])];
            name = name[..name.IndexOf((byte)0)];
            if (AnswerHead + name.Length > into.Length - bytes)
                return false;
            ulong number = folder.IsRoot && name.SequenceEqual(".."u8) ? _root.Id.Inode : BinaryPrimitives.ReadUInt64LittleEndian(entries);
            byte kind = entries[18];
            var entry = into[bytes..];
            entry[0] = (byte)(kind == FolderEntry ? QidKind.Folder : kind == LinkEntry ? QidKind.SymbolicLink : QidKind.File);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[1..], 0);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[5..], number);
            entries.Slice(8, sizeof(ulong)).CopyTo(entry[13..]);
            entry[21] = kind;
            BinaryPrimitives.WriteUInt16LittleEndian(entry[22..], (ushort)name.Length);
            name.CopyTo(entry[AnswerHead..]);
            bytes += AnswerHead + name.Length;
            entries = entries[BinaryPrimitives.ReadUInt16LittleEndian(entries[16..])..];
        }

        return true;
    }

    /// <inheritdoc/>
    public int Sync(OpenedFile file, bool dataOnly) =>
        Answer(dataOnly ? SyncData(((HostOpened)file).Descriptor) : LinuxCalls.Sync(((HostOpened)file).Descriptor));

    /// <inheritdoc/>
    public int Lock(OpenedFile file, LockRange range)
    {
        if (StatusOf(range) is not { } status)
            return Errno.Invalid;
        return Answer(LinuxCalls.Lock(((HostOpened)file).Descriptor, SetLock, ref status));
    }

    /// <inheritdoc/>
    public int TestLock(OpenedFile file, ref LockRange range)
    {
        if (StatusOf(range) is not { } status || range.Kind == Unlocked)
            return Errno.Invalid;
        if (LinuxCalls.Lock(((HostOpened)file).Descriptor, LinuxCalls.TestLock, ref status) != 0)
            return Error;
        range = new LockRange((byte)status.Kind, (ulong)status.Start, (ulong)status.Length, range.Process);
        return 0;
    }

    private static LockStatus? StatusOf(LockRange range) => range.Kind > Unlocked || range.Start > long.MaxValue
        || range.Length > long.MaxValue - range.Start
        ? null : new LockStatus { Kind = range.Kind, Start = (long)range.Start, Length = (long)range.Length };

    private int Opened(Descriptor descriptor, bool isRoot, out OpenedFile? opened)
    {
        opened = null;
        if (descriptor.IsInvalid)
            return Error;
        if (Admit() is not 0 and var error)
        {
            descriptor.Dispose();
            return error;
        }

        opened = new HostOpened(descriptor, isRoot, Leave);
        return 0;
    }

    /// <summary>Opens what a descriptor names, and nothing that has its name now.</summary>
    private static Descriptor Again(Descriptor file, int flags)
    {
        Descriptor? opened = null;
        WithName(file, name =>
        {
            opened = LinuxCalls.Open(in name[0], flags, 0);
            return 0;
        });
        return opened!;
    }

    private static int WithName(Descriptor file, Func<byte[], int> use)
    {
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return use(file.OwnName);
        }
        finally
        {
            if (isHeld)
                file.DangerousRelease();
        }
    }

    /// <summary>What of the flags of a Guest's open(2) means something here. Nothing may wait, or become a terminal of this
    /// process.</summary>
    private static int FlagsOf(uint flags) =>
        (int)(flags & (AccessBits | Truncate | Append | Synchronous)) | NonBlocking | NoTerminal | CloseOnExec;
}
