// The messages of 9P2000.L, the dialect of 9P that Linux speaks with a server of files (net/9p/client.c; diod's protocol.md).

namespace Lguest.Devices.Share;

/// <summary>What is asked. The answer has the number after it.</summary>
internal enum MessageType : byte
{
    Error = 6, // its answer, Rlerror, is that to anything that fails
    FileSystem = 8, // Tstatfs
    Open = 12, // Tlopen
    Create = 14, // Tlcreate
    MakeSymbolicLink = 16, // Tsymlink
    MakeNode = 18, // Tmknod
    Rename = 20, // Trename
    ReadLink = 22, // Treadlink
    Attributes = 24, // Tgetattr
    SetAttributes = 26, // Tsetattr
    WalkExtended = 30, // Txattrwalk
    CreateExtended = 32, // Txattrcreate
    List = 40, // Treaddir
    Sync = 50, // Tfsync
    Lock = 52, // Tlock
    TestLock = 54, // Tgetlock
    MakeLink = 70, // Tlink
    MakeFolder = 72, // Tmkdir
    RenameAt = 74, // Trenameat
    RemoveAt = 76, // Tunlinkat
    Version = 100, // Tversion
    Authenticate = 102, // Tauth
    Attach = 104, // Tattach
    Flush = 108, // Tflush
    Walk = 110, // Twalk
    Read = 116, // Tread
    Write = 118, // Twrite
    Clunk = 120, // Tclunk
    Remove = 122, // Tremove
}
