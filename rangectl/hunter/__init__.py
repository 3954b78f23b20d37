"""The reference hunter and three other players: programs for the kit, with a trainee's means."""
