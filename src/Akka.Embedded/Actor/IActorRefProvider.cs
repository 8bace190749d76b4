// The seam for remoting and clustering: whoever provides references decides where actors are made and what a path means. The local provider
// knows this process only; a remote one stands before it and asks it for everything local.

using Akka.Serialization;

namespace Akka.Actor;

public interface IActorRefProvider
{
    IInternalActorRef RootGuardian { get; }
    LocalActorRef Guardian { get; }
    LocalActorRef SystemGuardian { get; }
    IActorRef DeadLetters { get; }
    IInternalActorRef TempContainer { get; }
    ActorPath RootPath { get; }
    Settings Settings { get; }
    Deployer Deployer { get; }

    /// <summary>The address that other systems would know us by; purely local ones have no host.</summary>
    Address DefaultAddress { get; }

    /// <summary>What serializers need to write a reference that is valid elsewhere.</summary>
    Information SerializationInformation { get; }

    /// <summary>Completed when every actor is gone.</summary>
    Task TerminationTask { get; }

    void Init(ActorSystemImpl system);

    /// <summary>Makes, but does not start, the reference for an actor that is about to be a child of the supervisor.</summary>
    IInternalActorRef ActorOf(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path, bool systemService);

    /// <summary>The reference a text stands for; a dead one when nothing is there.</summary>
    IActorRef ResolveActorRef(string path);

    IActorRef ResolveActorRef(ActorPath actorPath);
    IActorRef RootGuardianAt(Address address);

    /// <summary>The address by which a peer at the given address reaches us, or null when it cannot.</summary>
    Address GetExternalAddressFor(Address address);

    ActorPath TempPath();
    void RegisterTempActor(IInternalActorRef actorRef, ActorPath path);
    void UnregisterTempActor(ActorPath path);
    FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs);
}
