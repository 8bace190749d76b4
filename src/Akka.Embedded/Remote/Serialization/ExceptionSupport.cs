// A failure told to another node: its type, its words, its trace and its cause. It is made anew there if its type may be made from what a peer
// says; if not, somebody else carries the words.

using System.Reflection;
using System.Text;
using Akka.Actor;
using Akka.Remote.Transport;
using Akka.Serialization;
using Akka.Util;

namespace Akka.Remote.Serialization;

internal static class ExceptionSupport
{
    private const int MostCauses = 8;
    private const int LongestText = 16 * 1024;

    internal static void Write(BinaryWriter writer, Exception exception)
    {
        var chain = new List<Exception>();
        for (var one = exception; one is not null && chain.Count < MostCauses; one = one.InnerException) chain.Add(one);
        writer.Write((byte)chain.Count);
        foreach (var one in chain)
        {
            PayloadSupport.WriteText(writer, one.GetType().TypeQualifiedName());
            PayloadSupport.WriteText(writer, Cut(one.Message));
            PayloadSupport.WriteText(writer, Cut(one.StackTrace ?? ""));
        }
    }

    /// <summary>Null when there was none.</summary>
    internal static Exception Read(ExtendedActorSystem system, ref FrameReader reader)
    {
        var count = Math.Min(reader.Byte(), (byte)MostCauses);
        var chain = new (string Type, string Message, string Trace)[count];
        for (var i = 0; i < count; i++) chain[i] = (reader.ShortText(), reader.ShortText(), reader.ShortText());
        PayloadSupport.Check(reader);
        Exception exception = null;
        for (var i = count - 1; i >= 0; i--) exception = Make(system.Serialization.Peers, chain[i].Type, chain[i].Message, chain[i].Trace, exception);
        return exception;
    }

    private static Exception Make(PeerTypes peers, string typeName, string message, string trace, Exception cause)
    {
        var made = (Exception)null;
        if (peers.TryFind(typeName, out var type) && typeof(Exception).IsAssignableFrom(type) && !type.IsAbstract)
        {
            const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            made = type.GetConstructor(Any, [typeof(string), typeof(Exception)])?.Invoke([message, cause]) as Exception
                ?? type.GetConstructor(Any, [typeof(string)])?.Invoke([message]) as Exception;
        }

        made ??= new RemoteFailureException(typeName, message, cause);
        if (trace.Length > 0) System.Runtime.ExceptionServices.ExceptionDispatchInfo.SetRemoteStackTrace(made, trace);
        return made;
    }

    private static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= LongestText) return text;
        return text[..Math.Min(text.Length, LongestText / 4)];
    }
}
