// These tests measure silence and time: on two cores, two classes at once would take each other's load for a lost node.

[assembly: CollectionBehavior(DisableTestParallelization = true)]
