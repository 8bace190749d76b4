// What a message needs in order to go by trunk: to be written straight into the trunk's buffer, and read out of a buffer that it may keep.
// A serializer that does not say so is out of a trunk's reach, whatever a peer sends.

using System.Runtime.Serialization;

namespace Lguest.Net.Trunks.Actors;

/// <summary>A serializer with string manifests of one upper-case letter, for messages of at most <see cref="TrunkFormat.LongestBody"/>
/// bytes.</summary>
internal interface IBulkSerializer
{
    /// <summary>Its number on the wire.</summary>
    int Identifier { get; }

    /// <summary>Whether a message is one of its own that may go by trunk.</summary>
    bool Serializes(object message);

    /// <summary>What it calls a message.</summary>
    string Manifest(object o);

    /// <summary>Bytes of a message.</summary>
    int SizeOf(object message);

    /// <summary>Writes a message.</summary>
    /// <param name="message">One of its own.</param>
    /// <param name="into">Exactly as many bytes as it has.</param>
    void Write(object message, Span<byte> into);

    /// <summary>Reads what came from outside.</summary>
    /// <param name="pooled">The bytes, at the beginning of an array of the shared pool, which goes back there unless the message keeps
    /// it.</param>
    /// <param name="length">How many.</param>
    /// <param name="manifest">What they are said to be.</param>
    /// <param name="isKept">Whether the message has taken the array over, to return it itself.</param>
    /// <exception cref="SerializationException">The bytes are not what the manifest says.</exception>
    object Read(byte[] pooled, int length, string manifest, out bool isKept);
}
